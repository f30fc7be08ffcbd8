"""Operator's act: the table of which pure function handles which act, and what becomes of one that cannot be."""

from typing import assert_never

from billing_worker.reactions.address_corrected import address_corrected
from billing_worker.reactions.case_closed import case_closed
from billing_worker.reactions.case_snoozed import case_snoozed
from billing_worker.reactions.email_corrected import email_corrected
from billing_worker.reactions.introduction_requested import introduction_requested
from billing_worker.reactions.refund_requested import refund_requested
from billing_worker.reactions.sale_cancelled import sale_cancelled
from billing_worker.reactions.shipment_held import shipment_held
from billing_worker.reactions.shipment_released import shipment_released
from billing_worker.reactions.shipment_repeated import shipment_repeated
from billing_worker.reactions.subscription_end_requested import subscription_end_requested
from billing_worker.rules.acts import refuse_act
from egpay.domain.acts import ImpossibleAct
from egpay.domain.books import Books
from egpay.domain.events import (
    AddressCorrected,
    CaseClosed,
    CaseSnoozed,
    EmailCorrected,
    IntroductionRequested,
    OperatorAct,
    RefundRequested,
    SaleCancelled,
    ShipmentHeld,
    ShipmentReleased,
    ShipmentRepeated,
    SubscriptionEndRequested,
)


def operator_act(event: OperatorAct, books: Books) -> Books:
    """An act of which nothing can come any more is a line on the timeline, and no dead letter."""
    try:
        return _act(event, books)
    except ImpossibleAct as impossible:
        return refuse_act(books, event, str(impossible))


def _act(event: OperatorAct, books: Books) -> Books:  # noqa: C901, PLR0911 - one line for each act
    match event:
        case SaleCancelled():
            return sale_cancelled(event, books)
        case ShipmentRepeated():
            return shipment_repeated(event, books)
        case ShipmentHeld():
            return shipment_held(event, books)
        case ShipmentReleased():
            return shipment_released(event, books)
        case AddressCorrected():
            return address_corrected(event, books)
        case IntroductionRequested():
            return introduction_requested(event, books)
        case EmailCorrected():
            return email_corrected(event, books)
        case CaseClosed():
            return case_closed(event, books)
        case CaseSnoozed():
            return case_snoozed(event, books)
        case RefundRequested():
            return refund_requested(event, books)
        case SubscriptionEndRequested():
            return subscription_end_requested(event, books)
        case _:
            assert_never(event)
