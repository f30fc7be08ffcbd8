"""Scenarios 14, 21, 28 and 29: refunds by id, disputes by status, warnings, currencies, and what runs on."""

from purchase import ACTIVE, DAY, PAID, PERIOD, purchase, traceable
from refund_scenarios import GONE
from scenario import Required, Scenario, Told, Truth
from shop import START, TOTAL, Shop

from egpay.domain.sale import SaleStatus
from egpay.testing.stripe_objects import Generation, Json, devices_invoice

HELD = Required(sales=PAID, subscriptions=ACTIVE)
"""Paid, and nothing leaves."""
SHIPPED = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3})


def story(
    number: str, name: str, shop: Shop, told: tuple[Told, ...], required: Required, truth: Truth | None = None
) -> Scenario:
    """Builds the scenario of one purchase, its first payment, and what came of the money."""
    sale = (shop.sold(),)
    return Scenario(
        number, name, shop.tag, sale, (*purchase(shop)[3:], *told), required, truth or traceable(shop)
    )


def refunded_by_id(tag: str) -> Scenario:
    """14b. Two refunds that add up, of an endpoint that never reports the charge's total."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.refund("re1", 600, at=50, status="pending"),
        shop.refund("re1", 600, at=55, kind="refund.updated", made=50),
        shop.refund("re2", TOTAL - 600, at=60),
    )
    return story("14b''", "refunds by id alone", shop, told, GONE)


def refund_cancelled(tag: str) -> Scenario:
    """14f. A refund that needs the buyer's action is cancelled: the rest stays given back, a person is asked."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.refunded(600, at=50),
        shop.refund("re1", 600, at=50),
        shop.refund("re2", 400, at=60, status="requires_action"),
        shop.refund("re2", 400, at=90, status="canceled", kind="refund.updated", made=60),
    )
    required = Required(
        sales=PAID, subscriptions=ACTIVE, gone={"a": 600}, cases=("part_refunded", "refund_failed")
    )
    return story("14f''", "a refund that is cancelled", shop, told, required)


def refund_failed_under_a_lost_dispute(tag: str) -> Scenario:
    """14g. The bank took what the refund did not bring: no second reimbursement is asked for."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.refunded(at=50),
        shop.refund_failed(at=80),
        shop.dispute("needs_response", at=85),
        shop.dispute("lost", at=95),
    )
    return story("14g", "a refund that fails under a lost dispute", shop, told, GONE)


def refund_failed_under_an_open_dispute(tag: str) -> Scenario:
    """14g. The dispute decides first: its case says so, and there is no other."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.refunded(at=50),
        shop.refund_failed(at=80),
        shop.dispute("needs_response", at=85),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, cases=("dispute",))
    return story("14g'", "a refund that fails under an open dispute", shop, told, required)


def dispute_over_a_part(tag: str) -> Scenario:
    """14d. A dispute over 49.00 of 166.00 is lost: that is gone, the rest is paid and leaves."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.dispute("needs_response", at=50, amount=4_900),
        shop.dispute("under_review", at=60, kind="updated", amount=4_900),
        shop.dispute("lost", at=90, amount=4_900),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3}, gone={"a": 4_900})
    return story("14d'", "a dispute over a part that is lost", shop, told, required)


def disputes_side_by_side(tag: str) -> Scenario:
    """14d. One dispute is won, another is lost over a part, a third waits for the bank: the third holds all."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.dispute("won", at=60),
        shop.dispute("lost", at=70, dispute="du2", amount=4_900),
        shop.dispute("needs_response", at=50, dispute="du3", amount=100),
        shop.dispute("under_review", at=80, dispute="du3", kind="updated", amount=100),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, gone={"a": 4_900}, cases=("dispute",))
    return story("14d''", "three disputes of one payment", shop, told, required)


def inquiry_to_chargeback(tag: str) -> Scenario:
    """14d. An inquiry becomes a chargeback and is appealed, in a word that no release knows: it is open."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.dispute("warning_needs_response", at=50, kind="created"),
        shop.dispute("needs_response", at=60, kind="updated"),
        shop.dispute("appeal_filed", at=70, kind="updated"),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, cases=("dispute",))
    return story("14d3", "an inquiry that becomes a chargeback", shop, told, required)


def dispute_prevented(tag: str) -> Scenario:
    """14d. Two were settled before they became disputes: one took its amount, one took nothing."""
    shop = Shop(tag)
    took: Json = {"amount": 4_900, "balance_transactions": [{"amount": -4_900}]}
    told = (
        shop.subscription("updated", "active", at=1),
        shop.dispute("prevented", at=50, kind="created", **took),
        shop.dispute("prevented", at=60, kind="created", dispute="du2"),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3}, gone={"a": 4_900})
    return story("14d4", "disputes that are prevented", shop, told, required)


def dispute_of_one_second(tag: str) -> Scenario:
    """14d. Opened and lost within one second: only the provider knows which report is the newer."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.dispute("lost", at=50),
        shop.dispute("needs_response", at=50),
    )
    truth = Truth(
        invoices=traceable(shop).invoices,
        invoice_of=traceable(shop).invoice_of,
        disputes={shop.name("du"): shop.stripe_dispute("needs_response")},
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, cases=("dispute",))
    return story("14d5", "two reports of a dispute in one second", shop, told, required, truth)


def warned(tag: str) -> Scenario:
    """14f. The issuer warns of fraud and a review is open: nothing leaves until a person decides."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.fraud_warning(at=50),
        shop.review(at=51),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, cases=("fraud_warning", "review"))
    return story("14f3", "a warning and a review", shop, told, required)


def review_approved(tag: str) -> Scenario:
    """14f. The review is approved and the warning can no longer be acted upon: the parcel leaves."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.fraud_warning(at=50),
        shop.fraud_warning(at=60, actionable=False),
        shop.review(at=51),
        shop.review("approved", at=70),
    )
    return story("14f4", "a review that is approved", shop, told, SHIPPED)


def reviewed_as_fraud(tag: str) -> Scenario:
    """14f. The review ends as fraud: nothing leaves, also before its refund is reported."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.review(at=51),
        shop.review("refunded_as_fraud", at=70),
    )
    return story("14f5", "a review that ends as fraud", shop, told, HELD)


def renewal_refunded(tag: str) -> Scenario:
    """21. A renewal goes back in full, and the subscription would charge again: a person is asked."""
    shop = Shop(tag)
    told = (
        shop.renewed(at=PERIOD),
        shop.refund("re2", 1_900, at=PERIOD + 50, invoice="in2"),
        shop.refunded(1_900, at=PERIOD + 50, total=1_900, invoice="in2"),
        shop.renewed(at=2 * PERIOD, invoice="in3"),
    )
    required = Required(
        sales=PAID,
        subscriptions=ACTIVE,
        parcels={"a": 3},
        gone={"a2": 1_900},
        cases=("refunded_but_running",),
    )
    return _after_purchase("21", "a renewal that goes back in full", shop, told, required)


def renewal_lost_then_ended(tag: str) -> Scenario:
    """21. A renewal is lost to the bank, and then an end is set, and no person needs to be asked."""
    shop = Shop(tag)
    told = (
        shop.renewed(at=PERIOD),
        shop.dispute("lost", at=PERIOD + DAY, invoice="in2", amount=1_900),
        shop.subscription(
            "updated", "active", at=PERIOD + 2 * DAY, name="ending", cancel_at=START + 2 * PERIOD
        ),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3}, gone={"a2": 1_900})
    return _after_purchase("21b", "a renewal that is lost, then an end", shop, told, required)


def part_of_another_currency(tag: str) -> Scenario:
    """28. 50 of 79.38 in the buyer's currency went back: of 166.00 that is the same share, and not all of it."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.refunded(5_000, at=50, total=7_938, currency="jpy"),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, gone={"a": 10_456}, cases=("part_refunded",))
    return story("28", "a part in the buyer's currency", shop, told, required)


def unknown_share_of_another_currency(tag: str) -> Scenario:
    """28. A refund by id in another currency, of a charge that was never reported: a person compares."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.refund(amount=5_000, at=50, currency="jpy"),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, cases=("currency",))
    return story("28b", "a refund of an unknown share", shop, told, required)


def debit_after_its_failure(tag: str) -> Scenario:
    """7. The debit failed, and the invoice is paid all the same: it is booked, nothing opens or leaves, a case."""
    shop = Shop(tag)
    told = (
        shop.subscription("created", "active", at=6 * DAY),
        shop.paid(at=6 * DAY),
        shop.paid(at=6 * DAY, kind="payment_succeeded"),
    )
    required = Required(
        sales={"a": "payment_failed"},
        subscriptions=ACTIVE,
        organisations=0,
        letters=("payment_failed",),
        access="none",
        cases=("paid_after_end",),
    )
    bounced = (shop.completed(paid=False), shop.failed_later(at=5 * DAY))
    return Scenario(
        "7e", "a debit that bounces, then money", tag, (shop.sold(),), told, required, before=bounced
    )


def paid_after_cancellation(tag: str) -> Scenario:
    """7. A page was paid as its sale was cancelled, and then refunded: nothing is owed any more."""
    shop = Shop(tag)
    told = (
        shop.completed(mode="payment", subscription=None, payment_intent=shop.name("pi_in")),
        shop.refund(at=50),
        shop.refunded(at=50),
    )
    sold = shop.sold(plan=False, cancelled=True, status=SaleStatus.CANCELLED, total=TOTAL)
    required = Required(
        sales={"a": "cancelled"}, organisations=0, letters=(), access="none", gone={"a": TOTAL}
    )
    truth = Truth(
        invoices={
            shop.name("in"): devices_invoice(Generation.ENDIVE, sale_id=shop.sale_id, id=shop.name("in"))
        },
        invoice_of={shop.name("pi_in"): shop.name("in")},
    )
    return Scenario("7f", "paid as it was cancelled", tag, (sold,), told, required, truth)


def credit_note_voided(tag: str) -> Scenario:
    """14h. A credit note over everything, paid out of band, is voided: nothing left, and a person is asked."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=1),
        shop.credit_note("issued", at=50),
        shop.credit_note("void", at=90),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, cases=("paid_not_shipped",))
    return story("14h", "a credit note that is voided", shop, told, required)


def made_again(tag: str) -> Scenario:
    """29. A migration makes the subscription again, with our mark: its first invoice is a payment of its own."""
    shop = Shop(tag)
    second = {"id": shop.name("sub2")}
    invoice = shop.stripe_invoice("in2", subscription="sub2")
    told = (
        shop.subscription("created", "active", at=PERIOD, name="again", **second),
        shop.paid(at=PERIOD, invoice="in2", subscription="sub2"),
        shop.subscription("deleted", "canceled", at=PERIOD + 5),
        shop.refund("re2", at=PERIOD + 50, invoice="in2"),
    )
    invoices = {shop.name("in"): shop.stripe_invoice("in"), shop.name("in2"): invoice}
    truth = Truth(
        invoices=invoices, invoice_of={shop.name(f"pi_{kind}"): shop.name(kind) for kind in ("in", "in2")}
    )
    required = Required(
        sales=PAID,
        subscriptions={"a": "canceled", "a2": "active"},
        parcels={"a": 3},
        gone={"a2": TOTAL},
        cases=("refunded_but_running",),
    )
    return Scenario(
        "29", "a subscription made again", tag, (shop.sold(),), told, required, truth, before=purchase(shop)
    )


def _after_purchase(
    number: str, name: str, shop: Shop, told: tuple[Told, ...], required: Required
) -> Scenario:
    invoices = {shop.name(kind): shop.stripe_invoice(kind) for kind in ("in", "in2")}
    invoices[shop.name("in2")] |= {"billing_reason": "subscription_cycle"}
    truth = Truth(
        invoices=invoices, invoice_of={shop.name(f"pi_{kind}"): shop.name(kind) for kind in ("in", "in2")}
    )
    sale = (shop.sold(),)
    return Scenario(number, name, shop.tag, sale, told, required, truth, before=purchase(shop))


MONEY_SCENARIOS = (
    refunded_by_id,
    refund_cancelled,
    refund_failed_under_a_lost_dispute,
    refund_failed_under_an_open_dispute,
    dispute_over_a_part,
    disputes_side_by_side,
    inquiry_to_chargeback,
    dispute_prevented,
    dispute_of_one_second,
    warned,
    review_approved,
    reviewed_as_fraud,
    renewal_refunded,
    renewal_lost_then_ended,
    part_of_another_currency,
    unknown_share_of_another_currency,
    debit_after_its_failure,
    paid_after_cancellation,
    credit_note_voided,
    made_again,
)
