import itertools
from typing import Any

import pytest
from purchase_events import (
    KEY,
    SALE,
    SESSION,
    SUBSCRIPTION,
    FoldRecorder,
    a_sale,
    changed,
    completed,
    invoice,
    later,
)

from egpay.domain.account import OrganisationSource
from egpay.domain.case import CaseKind
from egpay.domain.events import (
    BillingEvent,
    CheckoutPaymentFailed,
    InvoicePaymentFailed,
    OwnerIdentified,
    PaymentRefunded,
    ShipmentReported,
    Source,
)
from egpay.domain.owner import Owner
from egpay.domain.shipment import Progress
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import InvoiceId, MessageId, PaymentIntentId, SaleId, SessionId, SubscriptionId

ACTIVE = SubscriptionStatus.ACTIVE


def cases(ledger: FoldRecorder) -> set[str]:
    return {case.id for case in ledger.pages.cases.values() if case.is_open}


def test_two_subscriptions_of_one_account_open_one_case_in_either_order() -> None:
    other = SubscriptionId("sub_two")
    sale_two = a_sale(SaleId("sale_two"))
    first, second = changed(ACTIVE), changed(ACTIVE, 2, subscription_id=other, sale_id=sale_two.id)
    paid = invoice()
    paid_too = invoice(2, subscription_id=other, sale_id=sale_two.id, invoice_id=InvoiceId("in_two"))
    for order in ((first, paid, second, paid_too), (paid_too, second, paid, first)):
        ledger = FoldRecorder(a_sale(), sale_two).hear(*order)
        [account] = ledger.pages.accounts.values()
        assert cases(ledger) == {f"second_subscription:{account.organisation.id}"}
        [case] = ledger.pages.cases.values()
        assert case.about == ("sub_one", "sub_two")


def test_a_subscription_that_is_about_to_end_leaves_room_for_the_next() -> None:
    ledger = FoldRecorder(a_sale(), a_sale(SaleId("sale_two"))).hear(changed(ACTIVE))
    ending = changed(ACTIVE, 2, at=later(5))
    ending = type(ending)(
        id=ending.id,
        occurred_at=ending.occurred_at,
        source=ending.source,
        sale_id=SALE,
        subscription_id=SUBSCRIPTION,
        report=type(ending.report)(status=ACTIVE, cancel_at=later(900)),
    )
    following = changed(
        ACTIVE, 3, subscription_id=SubscriptionId("sub_two"), sale_id=SaleId("sale_two"), at=later(9)
    )
    assert cases(ledger.hear(ending, following)) == set()


def test_two_pages_of_one_sale_paid_is_a_matter_for_a_person() -> None:
    ledger = FoldRecorder(a_sale(checkout_session_id=SESSION)).hear(completed())
    second, its_invoice = SubscriptionId("sub_two"), InvoiceId("in_two")
    ledger.hear(
        completed(
            2, session_id=SessionId("cs_two"), at=later(9), subscription_id=second, invoice_id=its_invoice
        )
    )
    assert cases(ledger) == {"paid_twice:sale_one"}
    assert ledger.wanted == ["ship:sale_one"]


def refunded() -> BillingEvent:
    return PaymentRefunded(
        id=MessageId("evt_refund"),
        occurred_at=later(50),
        source=Source.STRIPE,
        sale_id=SALE,
        payment_intent_id=PaymentIntentId("pi_one"),
        amount_refunded=9900,
        in_full=True,
    )


def shipped() -> BillingEvent:
    return ShipmentReported(
        id=MessageId("warehouse:1"),
        occurred_at=later(40),
        source=Source.WAREHOUSE,
        sale_id=SALE,
        progress=Progress.SHIPPED,
    )


@pytest.mark.parametrize("events", list(itertools.permutations((refunded(), shipped()))))
def test_money_back_after_dispatch_opens_a_return_in_either_order(events: tuple[BillingEvent, ...]) -> None:
    ledger = FoldRecorder(a_sale()).hear(completed(), *events)
    assert cases(ledger) == {f"{CaseKind.RETURN.value}:sale_one"}


def test_a_delayed_payment_that_fails_is_told_to_the_buyer_once() -> None:
    def failed(n: int) -> CheckoutPaymentFailed:
        return CheckoutPaymentFailed(
            id=MessageId(f"evt_failed_{n}"),
            occurred_at=later(9),
            source=Source.STRIPE,
            sale_id=SALE,
            session_id=SESSION,
        )

    ledger = FoldRecorder(a_sale()).hear(completed(paid=False), failed(1), failed(2))
    assert ledger.wanted == ["payment_failed:cs_one"]


def failed_try(attempt: int, n: int = 1, *, initial: bool = False) -> InvoicePaymentFailed:
    return InvoicePaymentFailed(
        id=MessageId(f"evt_try_{attempt}_{n}"),
        occurred_at=later(attempt),
        source=Source.STRIPE,
        sale_id=SALE,
        invoice_id=InvoiceId("in_two"),
        subscription_id=SUBSCRIPTION,
        attempt=attempt,
        initial=initial,
    )


def test_whoever_pays_is_reminded_once_for_each_try() -> None:
    ledger = FoldRecorder(a_sale()).hear(failed_try(1), failed_try(1, 2), failed_try(2))
    assert ledger.wanted == ["reminder:in_two:1", "reminder:in_two:2"]


def test_a_first_payment_that_fails_at_checkout_reminds_nobody() -> None:
    assert FoldRecorder(a_sale()).hear(failed_try(1, initial=True)).wanted == []


def test_a_subscription_made_at_the_provider_lets_its_owner_in_once_the_provider_said_who_it_is() -> None:
    ours: dict[str, Any] = {"sale_id": None, "prices": ("price_ours",)}
    ledger = FoldRecorder(catalogue=("price_ours",)).hear(
        changed(ACTIVE, **ours), changed(ACTIVE, 2, at=later(2), **ours), invoice(sale_id=None)
    )
    assert ledger.wanted == ["owner:sub_one"]
    ledger.pages.owners[SUBSCRIPTION] = Owner(
        subscription_id=SUBSCRIPTION,
        organisation="Analytical Engines",
        name="Ada",
        email="ada@example.com",
        email_key=KEY,
    )
    identified = OwnerIdentified(
        id=MessageId("owner:sub_one:identified"),
        occurred_at=later(3),
        source=Source.RECONCILE,
        subscription_id=SUBSCRIPTION,
    )
    ledger.hear(identified, changed(ACTIVE, 3, at=later(4), **ours))
    assert ledger.account is not None
    assert ledger.account.organisation.source is OrganisationSource.EXTERNAL
    assert len(ledger.wanted) == 3
    assert ledger.pages.shipments == {}
    assert ledger.parked == []
