"""The field's words: where an engineer greps for a mechanism, its name stands first; and one word means one thing."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path
    for path in sorted(path for source in ROOT.glob("*/*/src") for path in source.rglob("*.py"))
    if "migrations/versions" not in path.as_posix()
]
CORE, WORKER = "libs/egpay-core/src/egpay", "services/billing-worker/src/billing_worker"
NAMED = {
    "group commit": "services/checkout-api/src/checkout_api/group_commit.py",
    "backpressure": "services/checkout-api/src/checkout_api/group_commit.py",
    "backoff": f"{WORKER}/inbound/acknowledgement.py",
    "dead letter": f"{CORE}/ports/dead_letters.py",
    "lease": f"{CORE}/outbox/direct_publisher.py",
    "linger": f"{CORE}/adaptive_batching.py",
    "single flight": f"{CORE}/ports/rate_limiter.py",
    "rate limiter": f"{CORE}/ports/rate_limiter.py",
    "at least once": f"{CORE}/outbox/relay.py",
    "prefetch": f"{CORE}/adapters/nats/source.py",
}
STRIPES_OWN = {"Address", "CheckoutSession", "Dispute", "PaymentMethod", "Product", "Subscription"}
"""The sandbox keeps Stripe's names for Stripe's objects; the domain has the same words for its own."""
FORBIDDEN = re.compile(
    r"\b(whoever|anew|nobody|somebody|by heart|in vain|lies aside|stands otherwise|comes to nothing)\b",
    re.IGNORECASE,
)
MAY_SAY = {"deploy/local/src/egpay_local/paths.py", "deploy/local/src/egpay_local/os_account.py"}
MAY_SAY |= {
    "deploy/local/src/egpay_local/backing/embedded.py",
    "libs/egpay-cli/src/egpay_cli/dead_letters.py",
}
"""`nobody` is a system account there; the operator's help texts are changed with the operator's commands."""
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _docstrings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Documented) and (text := ast.get_docstring(node)):
            yield text


@pytest.mark.parametrize("term", NAMED)
def test_a_mechanism_bears_its_name_in_the_first_line_of_what_it_is(term: str) -> None:
    firsts = [text.splitlines()[0].lower() for text in _docstrings(ROOT / NAMED[term])]
    assert any(term in first for first in firsts), firsts


def test_a_class_name_is_unique_over_all_sources() -> None:
    places = defaultdict(list)
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(_name(path))
    assert {name: found for name, found in places.items() if len(found) > 1}.keys() == STRIPES_OWN


def test_no_docstring_says_who_or_why_in_words_that_carry_no_meaning() -> None:
    found = {
        _name(path): match[0]
        for path in SOURCES
        if _name(path) not in MAY_SAY
        for text in _docstrings(path)
        if (match := FORBIDDEN.search(text))
    }
    assert found == {}


def test_every_place_of_the_glossary_and_of_the_readme_exists() -> None:
    readme = re.findall(
        r"`((?:libs|services|deploy|docs|bench|tests)/[^`<*]*)`", (ROOT / "README.md").read_text()
    )
    assert readme
    assert [place for place in readme if not (ROOT / place).exists()] == []
    rows = re.findall(
        r"^\|[^|]+\|[^|]+\| `([^`]+)`[^|]*\|$", (ROOT / "docs/glossary.md").read_text(), re.MULTILINE
    )
    files = [path.as_posix() for path in ROOT.glob("*/*/src/**/*") if "__pycache__" not in path.as_posix()]
    missing = [
        row
        for row in rows
        if "/" in row and not (ROOT / row).exists()
        if not any(file.endswith(f"/{row.rstrip('/')}") for file in files)
    ]
    assert missing == []


def test_the_flow_names_every_type_event_and_command() -> None:
    from typing import get_args

    from egpay.adapters.stripe.inbound.translation import TRANSLATIONS
    from egpay.domain.commands import Command
    from egpay.domain.events import BillingEvent

    told = set(re.findall(r"`([A-Za-z_.]+)`", (ROOT / "docs/flow.md").read_text()))
    names = {kind.__name__ for kind in (*get_args(BillingEvent), *get_args(Command))}
    assert (TRANSLATIONS.keys() | names) - told == set()
    events = {kind.__name__ for kind in get_args(BillingEvent)}
    rows = re.findall(r"^\| [^|]+ \| `([A-Za-z]+)` \|", (ROOT / "docs/flow.md").read_text(), re.MULTILINE)
    assert set(rows) == events
