"""Value objects: identifiers, money and addresses, typed so that they cannot be mixed up."""

import re
import unicodedata
from typing import NewType, TypeVar

import idna
import msgspec

SaleId = NewType("SaleId", str)
ProductId = NewType("ProductId", str)
OrganisationId = NewType("OrganisationId", str)
UserId = NewType("UserId", str)
SessionId = NewType("SessionId", str)
SubscriptionId = NewType("SubscriptionId", str)
CustomerId = NewType("CustomerId", str)
InvoiceId = NewType("InvoiceId", str)
PaymentIntentId = NewType("PaymentIntentId", str)
MessageId = NewType("MessageId", str)
T = TypeVar("T")

EmailKey = NewType("EmailKey", str)
"""An e-mail address as identity: two spellings of one mailbox have one key."""


LONGEST_ID = 255
"""Characters of the longest id of a provider (docs.stripe.com/upgrades#what-changes-does-stripe-consider)."""


def is_id(text: str) -> bool:
    """Whether a text is an id: ASCII letters, digits, `_` and `-` only, whatever its prefix.

    So it is itself in a path, a query, a header and a message id: no slash, dot or space, and no line break,
    which a regular expression's `$` would let through at the end."""
    return len(text) <= LONGEST_ID and text.isascii() and text.replace("_", "").replace("-", "").isalnum()


_SALE_ID = re.compile(r"sale_[a-z0-9]{26}")


def is_sale_id(text: str) -> bool:
    """Whether a text has the full shape of our sale ids; another product's `sale_4711` has not."""
    return _SALE_ID.fullmatch(text) is not None


def email_key(address: str) -> EmailKey:
    """Fold an address to its identity: trimmed, NFC, lower case, the domain in IDNA (UTS 46).

    RFC 5321 allows case-sensitive mailboxes; no provider in use has them, and people type both. A browser writes
    `bücher.example` as `xn--bcher-kva.example`, a provider keeps what was typed: it is one domain.
    """
    local, at, domain = unicodedata.normalize("NFC", address.strip()).lower().rpartition("@")
    return EmailKey(f"{local}{at}{_ascii(domain)}")


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:  # no mail reaches it; it is still an identity of its own
        return domain


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Shipping address, as the buyer typed it; `country` is ISO 3166-1 alpha-2."""

    line1: str
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str


class TotalDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Total details: what the provider took off or added to a session's lines, in minor units."""

    discount: int = 0
    shipping: int = 0
    tax: int = 0

    def applied_to(self, total: int) -> int:
        """What is asked for lines that cost so much."""
        return total - self.discount + self.shipping + self.tax


def prefer(known: T | None, told: T | None, *, overwrite: bool) -> T | None:
    """The known value, or else the reported one; with `overwrite` the reported one comes first."""
    return (told or known) if overwrite else (known or told)
