"""RULES 9, `unknown_owner`: a person names the owner, by whatever door, and the account opens."""

from typing import Any

import pytest
from purchase_events import KEY, SUBSCRIPTION, FoldRecorder, a_sale, changed, invoice, later

from egpay.domain.events import CustomerChanged, OwnerIdentified, OwnerUnknown, Source
from egpay.domain.foreign import NOTHING_OF_OURS
from egpay.domain.owner import Owner
from egpay.domain.subscription import SubscriptionReport, SubscriptionStatus
from egpay.domain.values import CustomerId, MessageId

ACTIVE = SubscriptionStatus.ACTIVE
CUSTOMER = CustomerId("cus_one")
OWNER = Owner(
    subscription_id=SUBSCRIPTION,
    organisation="Analytical Engines",
    name="Ada",
    email="ada@example.com",
    email_key=KEY,
)


def report(status: SubscriptionStatus = ACTIVE) -> SubscriptionReport:
    return SubscriptionReport(status=status, customer_id=CUSTOMER)


def running() -> FoldRecorder:
    """A subscription of our catalogue that runs and is paid."""
    ledger = FoldRecorder(catalogue=("price_ours",))
    event = changed(ACTIVE, sale_id=None, prices=("price_ours",))
    return ledger.hear(type(event)(**{**_fields(event), "report": report()}), invoice(sale_id=None))


def _fields(event: Any) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


def unknown(question: str = "owner:sub_one") -> OwnerUnknown:
    return OwnerUnknown(
        id=MessageId(f"{question}:unknown"),
        occurred_at=later(2),
        source=Source.RECONCILE,
        subscription_id=SUBSCRIPTION,
    )


def identified() -> OwnerIdentified:
    return OwnerIdentified(
        id=MessageId("owner:sub_one:identified"),
        occurred_at=later(9),
        source=Source.RECONCILE,
        subscription_id=SUBSCRIPTION,
    )


def customer(n: int = 1, *, reachable: bool = True, of: CustomerId = CUSTOMER) -> CustomerChanged:
    return CustomerChanged(
        id=MessageId(f"evt_customer_{n}"),
        occurred_at=later(5),
        source=Source.STRIPE,
        customer_id=of,
        reachable=reachable,
    )


def cases(ledger: FoldRecorder) -> set[str]:
    return {case.id for case in ledger.pages.cases.values() if case.is_open}


def test_a_running_subscription_without_a_known_owner_is_a_case_and_no_dead_letter() -> None:
    ledger = running()
    assert ledger.wanted == ["owner:sub_one"]
    ledger.hear(unknown())
    assert cases(ledger) == {"unknown_owner:sub_one"}
    assert ledger.parked == []
    assert ledger.pages.accounts == {}


def test_an_email_of_its_customer_has_the_owner_asked_for_again_and_the_account_opens() -> None:
    ledger = running().hear(unknown(), customer(1, reachable=False), customer(2))
    assert ledger.wanted == ["owner:sub_one", "owner:sub_one:evt_customer_2"]
    ledger.pages.owners[SUBSCRIPTION] = OWNER
    ledger.hear(identified())
    assert ledger.account is not None
    assert "introduction:" in ledger.wanted[-2]
    assert cases(ledger) == set()


def test_an_email_that_comes_while_the_question_is_on_its_way_is_asked_for_all_the_same() -> None:
    ledger = running().hear(customer())
    assert ledger.wanted == ["owner:sub_one", "owner:sub_one:evt_customer_1"]
    ledger.pages.owners[SUBSCRIPTION] = OWNER
    ledger.hear(identified(), unknown())
    assert ledger.account is not None
    assert cases(ledger) == set()


def test_a_replayed_report_of_it_asks_again() -> None:
    event = changed(ACTIVE, 7, sale_id=None, prices=("price_ours",), at=later(9))
    ledger = running().hear(unknown(), event)
    assert ledger.wanted == ["owner:sub_one", f"owner:sub_one:{event.id}"]


def test_a_sale_that_names_its_admin_opens_the_account() -> None:
    ledger = running().hear(unknown())
    sale = a_sale()
    ledger.pages.sales[sale.id] = sale
    ledger.hear(changed(ACTIVE, 8, at=later(9)))
    assert ledger.account is not None
    assert ledger.account.admin.email == sale.email
    assert cases(ledger) == set()


@pytest.mark.parametrize("status", [SubscriptionStatus.CANCELED, SubscriptionStatus.INCOMPLETE_EXPIRED])
def test_a_subscription_that_ended_meanwhile_needs_no_owner(status: SubscriptionStatus) -> None:
    ledger = running().hear(changed(status, at=later(1), sale_id=None), unknown(), customer())
    assert cases(ledger) == set()
    assert ledger.wanted == ["owner:sub_one"]


def test_the_case_ends_with_the_subscription() -> None:
    ledger = running().hear(unknown(), changed(SubscriptionStatus.CANCELED, at=later(30), sale_id=None))
    assert cases(ledger) == set()
    assert ledger.pages.cases["unknown_owner:sub_one"].closed_at == later(30)


def test_a_customer_without_a_subscription_of_ours_is_foreign() -> None:
    ledger = running().hear(customer(of=CustomerId("cus_other")))
    assert [one.reason for one in ledger.outcomes[-1].written.foreign.values()] == [NOTHING_OF_OURS]
    assert ledger.pages.foreign == {}
    assert ledger.wanted == ["owner:sub_one"]
