"""Money cases: what a person has to decide about a payment, one for each dispute, warning, review and refund."""

from collections.abc import Iterator

from billing_worker.rules.cases import state_case, sync_case
from egpay.domain.books import Books
from egpay.domain.case import Case, CaseKind, CaseParty
from egpay.domain.case_advice import REFUSED_REFUND_ADVICE
from egpay.domain.currencies import shown
from egpay.domain.disputes import Dispute, DisputeState
from egpay.domain.events import EventBase
from egpay.domain.payment import Payment
from egpay.domain.refund_requests import RefundRequest
from egpay.domain.refunds import RefundRecord
from egpay.domain.risk import RadarReview
from egpay.domain.values import MessageId

_NEVER_BOTH = "give nothing back another way"


def sync_money_cases(books: Books, payment: Payment, cause: EventBase) -> Books:
    """Bring every case about this payment in line, of the order and of renewals alike."""
    for case, stands in _cases(payment, cause):
        books = sync_case(books, case, stands=stands, cause=cause)
    return books


def _cases(payment: Payment, cause: EventBase) -> Iterator[tuple[Case, bool]]:
    for dispute in payment.disputes.values():
        yield _dispute(payment, dispute, cause), dispute.state is DisputeState.OPEN
    for name, refund in payment.refunds.failed().items():
        yield _refund_failed(payment, name, refund, cause), _is_owed(payment, refund)
    for act, asked in payment.refund_requests.items():
        if asked.refusal is not None:
            yield _refund_refused(payment, act, asked), _is_still_asked_for(payment, act, asked)
    for name, warning in payment.warnings.items():
        yield _warning(payment, name, cause), warning.actionable and not payment.gone_in_full
    for review in payment.reviews.values():
        yield _review(payment, review), review.is_open
    if payment.was_touched:
        yield _currency(payment, cause), payment.currency_is_unclear


def _is_owed(payment: Payment, refund: RefundRecord) -> bool:
    """Whether the buyer is still to get what this refund that came back was to bring.

    An open dispute decides first; what was lost is paid, and so is what went back in another way.
    """
    amount = payment.in_own_currency(refund.amount, refund.currency) or refund.amount
    return not (payment.in_doubt or payment.gone_in_full) and payment.amount_lost < amount


def _is_still_asked_for(payment: Payment, act: MessageId, asked: RefundRequest) -> bool:
    """Whether the buyer is still to get what the provider refused to give back for this act.

    An open dispute decides first. A request that was made after the refusal takes its place, and so does its own refund,
    made at another try. One that was made before left out what this one was to bring.
    """
    since = asked.refused_at or asked.requested_at
    later = [
        one
        for name, one in payment.refund_requests.items()
        if one.requested_at > since and payment.holding_request(name)
    ]
    over = payment.in_doubt or payment.gone_in_full or payment.amount_lost >= asked.amount
    return not (over or later or payment.answer_to(act))


def _dispute(payment: Payment, dispute: Dispute, cause: EventBase) -> Case:
    amount = dispute.amount if dispute.amount is not None else payment.amount
    over = shown(amount, dispute.currency or payment.currency)
    return state_case(
        CaseKind.DISPUTE,
        dispute.id,
        subject=payment.id,
        what=f"the buyer's bank disputes {over}: dispute {dispute.id} is {dispute.status}",
        todo=_todo(dispute),
        opened_at=cause.occurred_at,
        sale_id=payment.sale_id,
        weight=amount,
        about=(dispute.id,),
        due_by=dispute.due_by,
        waits_for=CaseParty.BANK if dispute.waits_for_bank else CaseParty.US,
    )


def _todo(dispute: Dispute) -> str:
    if dispute.waits_for_bank:
        return f"it was answered, and the bank decides; {_NEVER_BOTH}"
    if dispute.due_by is None:
        return f"nothing can be answered: accept it, or wait for the bank; {_NEVER_BOTH}"
    return f"accept it, or answer it with evidence at Stripe before it is due; {_NEVER_BOTH}"


def _refund_failed(payment: Payment, name: str, refund: RefundRecord, cause: EventBase) -> Case:
    why = f" ({refund.failure_reason})" if refund.failure_reason else ""
    over = shown(refund.amount, refund.currency)
    return state_case(
        CaseKind.REFUND_FAILED,
        name,
        subject=payment.id,
        what=f"refund {name} of {over} is {refund.status.value}{why}: the buyer does not have the money",
        opened_at=refund.came_back_at or cause.occurred_at,
        sale_id=payment.sale_id,
        weight=refund.amount,
        about=(name,),
    )


def _refund_refused(payment: Payment, act: MessageId, asked: RefundRequest) -> Case:
    over, words = shown(asked.amount, payment.currency), asked.refusal or ""
    return state_case(
        CaseKind.REFUND_FAILED,
        act,
        subject=payment.id,
        what=f"Stripe refuses to give back {over} for act {act} ({words}): the buyer does not have the money",
        todo=REFUSED_REFUND_ADVICE.get(words.partition(" ")[0]),
        opened_at=asked.requested_at,
        sale_id=payment.sale_id,
        weight=asked.amount,
        about=(act,),
    )


def _warning(payment: Payment, name: str, cause: EventBase) -> Case:
    return state_case(
        CaseKind.FRAUD_WARNING,
        name,
        subject=payment.id,
        what=f"the card's issuer reports the payment as fraudulent: warning {name}",
        opened_at=cause.occurred_at,
        sale_id=payment.sale_id,
        weight=payment.amount,
        about=(name,),
    )


def _review(payment: Payment, review: RadarReview) -> Case:
    return state_case(
        CaseKind.REVIEW,
        review.id,
        subject=payment.id,
        what=f"Stripe Radar waits for a person to look at the payment: review {review.id}",
        opened_at=review.opened_at,
        sale_id=payment.sale_id,
        weight=payment.amount,
        about=(review.id,),
    )


def _currency(payment: Payment, cause: EventBase) -> Case:
    return state_case(
        CaseKind.CURRENCY,
        payment.id,
        subject=payment.id,
        what=f"money went back in another currency than {payment.currency}, and its share is not known",
        todo="compare both at Stripe; refund the rest there, or close the case if it is right and holds no parcel",
        opened_at=cause.occurred_at,
        sale_id=payment.sale_id,
        about=(payment.id,),
    )
