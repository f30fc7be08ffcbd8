"""RULES 1: ours by the first line that fits, in whatever way it comes; a customer makes nothing ours."""

from itertools import permutations, product
from typing import Any

import msgspec
import pytest
from purchase_events import (
    INSTALLATION,
    INTENT,
    INVOICE,
    KEY,
    SUBSCRIPTION,
    FoldRecorder,
    a_sale,
    changed,
    completed,
    invoice,
    later,
)

from egpay.domain.events import (
    BillingEvent,
    DisputeOpened,
    InvoicePaymentFailed,
    OwnerIdentified,
    PaymentRefunded,
    Source,
)
from egpay.domain.foreign import NOTHING_OF_OURS, OTHER_INSTALLATION, UNKNOWN_SALE
from egpay.domain.owner import Owner
from egpay.domain.subscription import SubscriptionReport, SubscriptionStatus
from egpay.domain.values import CustomerId, InvoiceId, MessageId, SaleId

ACTIVE = SubscriptionStatus.ACTIVE
CUSTOMER = CustomerId("cus_one")
FOREIGN: dict[str, Any] = {"sale_id": None, "prices": ("price_other", "prod_other")}


def refund(**facts: Any) -> PaymentRefunded:
    return PaymentRefunded(
        id=MessageId("evt_refund"),
        occurred_at=later(9),
        source=Source.STRIPE,
        payment_intent_id=INTENT,
        amount_refunded=9900,
        in_full=True,
        **facts,
    )


def reasons(ledger: FoldRecorder) -> dict[str, str]:
    return {name: one.reason for name, one in ledger.pages.foreign.items()}


def nothing_followed(ledger: FoldRecorder) -> bool:
    pages = ledger.pages
    return not (
        pages.accounts
        or pages.subscriptions
        or pages.payments
        or ledger.wanted
        or ledger.parked
        or any(outcome.entries or outcome.written.cases for outcome in ledger.outcomes)
    )


@pytest.mark.parametrize("event", [completed(), changed(ACTIVE), invoice()])
def test_a_mark_of_another_installation_is_foreign_even_on_a_sale_that_we_know(event: BillingEvent) -> None:
    marked = msgspec.structs.replace(event, installation="inst_theirs")
    ledger = FoldRecorder(a_sale()).hear(marked)
    assert reasons(ledger) == {event.id: OTHER_INSTALLATION}
    assert nothing_followed(ledger)


@pytest.mark.parametrize("event", [completed(), changed(ACTIVE), invoice()])
def test_a_sale_without_an_installation_that_our_database_does_not_know_is_foreign(
    event: BillingEvent,
) -> None:
    ledger = FoldRecorder().hear(event)
    assert reasons(ledger) == {event.id: UNKNOWN_SALE}
    assert nothing_followed(ledger)


def test_a_subscription_of_another_product_is_foreign_and_so_is_its_money() -> None:
    ledger = FoldRecorder(catalogue=("price_ours",)).hear(changed(ACTIVE, **FOREIGN), invoice(sale_id=None))
    assert set(reasons(ledger).values()) == {NOTHING_OF_OURS}
    assert nothing_followed(ledger)


@pytest.mark.parametrize("named", ["price_ours", "prod_ours"])
def test_a_subscription_is_ours_by_its_price_or_its_product(named: str) -> None:
    ledger = FoldRecorder(catalogue=(named,)).hear(changed(ACTIVE, sale_id=None, prices=(named,)))
    assert ledger.subscription.status is ACTIVE


def test_a_price_whose_metadata_names_our_installation_makes_a_subscription_ours() -> None:
    ledger = FoldRecorder().hear(changed(ACTIVE, installation=INSTALLATION.id, **FOREIGN))
    assert ledger.subscription.status is ACTIVE


def test_the_mark_of_another_database_does_not_hide_a_price_of_ours() -> None:
    copied = changed(ACTIVE, sale_id=SaleId("sale_elsewhere"), prices=("price_ours",))
    ledger = FoldRecorder(catalogue=("price_ours",)).hear(copied)
    assert ledger.subscription.sale_id is None
    assert ledger.parked == []


def test_our_own_mark_with_a_sale_that_only_a_copy_of_our_database_knows_is_set_apart() -> None:
    copied = changed(
        ACTIVE, sale_id=SaleId("sale_elsewhere"), installation=INSTALLATION.id, prices=("price_ours",)
    )
    ledger = FoldRecorder(catalogue=("price_ours",)).hear(copied)
    assert reasons(ledger) == {copied.id: UNKNOWN_SALE}
    assert nothing_followed(ledger)


def test_a_customer_of_ours_makes_another_products_subscription_not_ours() -> None:
    ledger = FoldRecorder(a_sale()).hear(
        completed(customer_id=CUSTOMER), invoice(), changed(ACTIVE, at=later(1))
    )
    other = msgspec.structs.replace(
        changed(ACTIVE, 2, **{**FOREIGN, "subscription_id": "sub_other"}),
        report=SubscriptionReport(status=ACTIVE, customer_id=CUSTOMER),
    )
    ledger.hear(other)
    assert set(ledger.pages.subscriptions) == {SUBSCRIPTION}


def test_where_every_subscription_is_ours_an_older_one_gets_no_letter_in_any_order_of_events() -> None:
    adopting = msgspec.structs.replace(INSTALLATION, adopts_since=later(0))
    failed = InvoicePaymentFailed(
        id=MessageId("evt_failed"),
        occurred_at=later(80),
        source=Source.STRIPE,
        invoice_id=InvoiceId("in_two"),
        attempt=1,
        initial=False,
        subscription_id=SUBSCRIPTION,
        owed_since=later(70),
    )
    for (made, letters), order in product(((later(-60), 0), (later(60), 1)), permutations((0, 1, 2))):
        ledger = FoldRecorder()
        ledger.pages.installations[INSTALLATION.id] = adopting
        told = (changed(ACTIVE, created_at=made, **FOREIGN), invoice(sale_id=None), failed)
        ledger.hear(*(told[number] for number in order))
        owner = Owner(
            subscription_id=SUBSCRIPTION, organisation="EG", name="Ada", email="a@b.example", email_key=KEY
        )
        ledger.pages.owners[SUBSCRIPTION] = owner
        identified = OwnerIdentified(
            id=MessageId("owner:sub_one:identified"),
            occurred_at=later(90),
            source=Source.RECONCILE,
            subscription_id=SUBSCRIPTION,
        )
        ledger.hear(identified)
        assert ledger.account is not None
        assert len([key for key in ledger.wanted if key.startswith("introduction:")]) == letters


def test_what_only_names_a_payment_is_asked_about_before_it_is_foreign() -> None:
    disputed = DisputeOpened(
        id=MessageId("evt_dispute"),
        occurred_at=later(9),
        source=Source.STRIPE,
        dispute_id="dp_1",
        payment_intent_id=INTENT,
    )
    ledger = FoldRecorder().hear(refund(), disputed)
    assert ledger.wanted == ["trace:evt_refund", "trace:evt_dispute"]
    assert ledger.pages.foreign == {}


def test_an_answer_that_names_nothing_of_ours_is_kept_and_judged_again_when_its_subscription_is() -> None:
    answer = refund(traced=True, invoice_id=InvoiceId("in_renewal"), subscription_id=SUBSCRIPTION)
    ledger = FoldRecorder(catalogue=("price_ours",)).hear(answer)
    assert reasons(ledger) == {answer.id: NOTHING_OF_OURS}
    assert nothing_followed(ledger)
    ledger.hear(changed(ACTIVE, sale_id=None, prices=("price_ours",)))
    assert ledger.pages.foreign == {}
    assert ledger.outcomes[-1].readmitted == (answer.id,)
    assert ledger.pages.payments["in_renewal"].refunded_in_full


def test_an_invoice_before_its_subscription_follows_it_in_one_batch() -> None:
    ledger = FoldRecorder(catalogue=("price_ours",)).hear(
        invoice(sale_id=None), changed(ACTIVE, sale_id=None, prices=("price_ours",))
    )
    assert ledger.pages.foreign == {}
    assert ledger.outcomes[-1].readmitted == ()
    assert ledger.subscription.settled
    assert ledger.pages.payments[INVOICE].amount == 9900


def test_our_mark_on_a_sale_that_our_database_does_not_know_is_set_apart_and_no_dead_letter() -> None:
    event = completed(installation=INSTALLATION.id)
    ledger = FoldRecorder().hear(event)
    assert reasons(ledger) == {event.id: UNKNOWN_SALE}
    assert nothing_followed(ledger)
