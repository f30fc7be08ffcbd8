"""Shipment doubts: why devices that have not left wait, or do not leave at all."""

from egpay.domain.books import Books
from egpay.domain.foreign import PartRefund
from egpay.domain.payment import Payment
from egpay.domain.shipment import Shipment


def is_gone(shipment: Shipment, payment: Payment) -> bool:
    """Whether the money is gone, so that nothing leaves.

    For the first attempt it is enough that it once was: the warehouse was told to stop, in whatever order. A person
    who has it sent again knows of what was before.
    """
    if shipment.attempts:
        return payment.gone_in_full
    return payment.was_gone_in_full or payment.refunded_as_fraud


def held_because(books: Books, shipment: Shipment, payment: Payment) -> str | None:
    """The first reason to hold, in a few words."""
    doubts = (
        (shipment.held_by_person, "an operator holds it"),
        (payment.in_doubt, "the payment is disputed"),
        (payment.warned, "the card's issuer warns of fraud"),
        (payment.under_review, "the payment is under review"),
        (payment.currency_is_unclear, "what went back is in another currency"),
        (does_not_fit(shipment), "what was paid is not what was ordered"),
        (holds_for_a_part(books, shipment, payment), "a part of the money went back"),
        (_awaits_refund(books, payment), "a refund was asked for"),
    )
    return next((reason for holds, reason in doubts if holds), None)


def does_not_fit(shipment: Shipment) -> bool:
    """Whether its money is not what was ordered, and no person accepted that."""
    return shipment.misfit is not None and not shipment.misfit.accepted


def holds_for_a_part(books: Books, shipment: Shipment, payment: Payment) -> bool:
    """Whether a part was refunded without a decision about the devices, and `PART_REFUND` is not `ship`."""
    if books.installation and books.installation.part_refund is PartRefund.SHIP:
        return False
    return payment.undecided_refund > shipment.settled_refund and not payment.gone_in_full


def _awaits_refund(books: Books, payment: Payment) -> bool:
    """Whether an operator asked for a refund that would stop or hold the devices, and it is not reported yet."""
    if not payment.refund_requests:
        return False
    asked = [
        one for act, one in payment.refund_requests.items() if payment.is_pending(act) and not one.decides
    ]
    if not asked:
        return False
    ships = books.installation and books.installation.part_refund is PartRefund.SHIP
    return not ships or payment.gone + payment.requested >= payment.amount
