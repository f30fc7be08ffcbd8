"""What a changed customer tells us: that it has an e-mail, and never which."""

from datetime import UTC, datetime

import msgspec
import pytest

from egpay.adapters.stripe.inbound.translation import translate
from egpay.domain.events import CustomerChanged
from egpay.ports.inbox import Disposition
from egpay.testing.stripe_events import event

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("email", "known"), [("ada@example.com", True), (None, False), ("", False)])
def test_a_changed_customer_says_whether_it_has_an_email(email: str | None, known: bool) -> None:
    receipt = translate(event("customer.updated", {"id": "cus_1", "email": email}), live=False, at=NOW)
    assert isinstance(receipt.event, CustomerChanged)
    assert (receipt.event.customer_id, receipt.event.reachable) == ("cus_1", known)
    assert b"ada@" not in msgspec.json.encode(receipt.event)


def test_a_customer_of_another_installation_is_ignored_at_the_door() -> None:
    theirs = {"id": "cus_1", "metadata": {"egpay_installation": "inst_theirs"}}
    receipt = translate(event("customer.updated", theirs), live=False, at=NOW, installation="inst_ours")
    assert receipt.disposition is Disposition.IGNORED
