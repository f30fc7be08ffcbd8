"""Ids that look like Stripe's, so that no caller relies on a form that production breaks."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits

# Lengths of the random part and its fixed lead, as seen in recorded objects (STRIPE.md section 2).
_SHAPES = {
    "cus": ("", 14),
    "prod": ("", 14),
    "si": ("", 14),
    "cs_test": ("a1", 58),
    "pi": ("3", 23),
    "ch": ("3", 23),
    "re": ("3", 23),
    "txn": ("3", 23),
    "req": ("", 14),
    "whsec": ("", 32),
}


def new_id(prefix: str) -> str:
    """Generates an id: `new_id("sub")` is `sub_1` and 23 letters or digits."""
    lead, length = _SHAPES.get(prefix, ("1", 23))
    return f"{prefix}_{lead}{random_text(length)}"


def random_text(length: int) -> str:
    """Generates letters and digits that cannot be guessed."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
