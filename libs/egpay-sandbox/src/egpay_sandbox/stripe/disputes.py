"""Disputes by the buyer's bank: opened, answered, moved from status to status, decided."""

from typing import Literal

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError, wrong_state
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import Charge, Dispute, DisputeTransaction
from egpay_sandbox.stripe.objects.dispute import DisputeStatus
from egpay_sandbox.stripe.refunds import fail_pending_refunds
from egpay_sandbox.stripe.requests.risk import DisputeUpdate
from egpay_sandbox.stripe.risk_signals import end_risk_signals

_FEE = 2000
_OVER: tuple[DisputeStatus, ...] = ("warning_closed", "won", "lost", "prevented")
_NEXT: dict[DisputeStatus, tuple[DisputeStatus, ...]] = {
    "warning_needs_response": (
        "warning_under_review",
        "warning_closed",
        "needs_response",
        "under_review",
        "prevented",
    ),
    "warning_under_review": ("warning_needs_response", "warning_closed", "needs_response", "under_review"),
    "warning_closed": ("needs_response",),
    "needs_response": ("under_review", "won", "lost", "prevented"),
    "under_review": ("needs_response", "won", "lost"),
    "won": ("appeal_under_review", "lost"),
    "lost": ("appeal_needs_response", "appeal_under_review", "won"),
    "prevented": (),
    "appeal_needs_response": ("appeal_under_review", "won", "lost"),
    "appeal_under_review": ("appeal_needs_response", "won", "lost"),
}


class DisputeOpening(msgspec.Struct, frozen=True, kw_only=True):
    """What the bank disputes: `amount` (minor units) or the whole undisputed rest.

    `due_seconds` is the time to answer, 0 when nothing can be answered. `funds` says whether money leaves the
    account, by default unless it is an inquiry or prevented.
    """

    reason: str = "fraudulent"
    amount: int | None = None
    status: DisputeStatus = "needs_response"
    due_seconds: int = 7 * 24 * 3600
    funds: bool | None = None


def open_dispute(account: SandboxAccount, charge_id: str, opening: DisputeOpening) -> Dispute:
    """Opens a dispute or an inquiry: `charge.dispute.created`, and `funds_withdrawn` when it takes money."""
    charge = get_or_404(account.charges, charge_id)
    now = account.clock.now()
    dispute = Dispute(
        id=new_id("du"),
        created=now,
        amount=_disputable_amount(account, charge, opening.amount),
        currency=charge.currency,
        charge=charge.id,
        payment_intent=charge.payment_intent,
        reason=opening.reason,
        status=opening.status,
        due_by=now + opening.due_seconds if opening.due_seconds else 0,
    )
    funds = opening.funds
    takes = not dispute.inquiry and dispute.status != "prevented" if funds is None else funds
    dispute = account.disputes.store(
        _with_transaction(account, dispute, -dispute.amount) if takes else dispute
    )
    after = account.charges.store(msgspec.structs.replace(charge, disputed=True))
    account.emit("charge.dispute.created", dispute)
    if takes:
        account.emit("charge.dispute.funds_withdrawn", dispute)
    if after != charge:
        account.emit("charge.updated", after, charge)
    if dispute.status in _OVER:
        account.emit("charge.dispute.closed", dispute)
    if not dispute.inquiry:
        _end_open_matters(account, dispute)
    return dispute


def move_dispute(
    account: SandboxAccount, dispute_id: str, status: DisputeStatus, *, funds: bool | None = None
) -> Dispute:
    """Moves a dispute to another status with the events and the money that go with it.

    An inquiry that becomes a chargeback takes the money, a dispute that is won gives it back. `funds` overrules
    what follows from the status: whether the money is with the bank afterwards.
    """
    before = get_or_404(account.disputes, dispute_id)
    if status not in _NEXT[before.status]:
        raise wrong_state(f"Dispute {dispute_id} is {before.status} and cannot become {status}.")
    after, moved = _move_funds(account, before, status, funds)
    account.disputes.store(after)
    over = after.status in _OVER
    if not over:
        account.emit("charge.dispute.updated", after, before)
    if moved is not None:
        account.emit(f"charge.dispute.{moved}", after, before)
    if over:
        account.emit("charge.dispute.closed", after)
    if before.inquiry and not after.inquiry:
        _end_open_matters(account, after)
    return after


def next_statuses(dispute: Dispute) -> tuple[DisputeStatus, ...]:
    """Lists the statuses that a dispute may get next."""
    return _NEXT[dispute.status]


def close_dispute(
    account: SandboxAccount, dispute_id: str, outcome: Literal["won", "lost", "warning_closed"]
) -> Dispute:
    """Closes an open dispute: emits `charge.dispute.closed`, with `funds_reinstated` before it when we won."""
    before = get_or_404(account.disputes, dispute_id)
    if not before.open:
        raise wrong_state(f"Dispute {dispute_id} is {before.status}.")
    return move_dispute(account, dispute_id, outcome)


def update_dispute(account: SandboxAccount, params: DisputeUpdate, dispute_id: str) -> Dispute:
    """Submits evidence, unless `submit` is false, and merges metadata: `charge.dispute.updated`."""
    before = get_or_404(account.disputes, dispute_id)
    after = msgspec.structs.replace(before, metadata=merge_metadata(before.metadata, params.metadata))
    if params.evidence and params.submit:
        if not before.open or before.due_by == 0:
            raise wrong_state("This dispute is already closed or takes no evidence.")
        review = before.status.replace("needs_response", "under_review")
        after = msgspec.structs.replace(after, status=review, submissions=before.submissions + 1)
    if after != before:
        account.disputes.store(after)
        account.emit("charge.dispute.updated", after, before)
    return after


def _disputable_amount(account: SandboxAccount, charge: Charge, wanted: int | None) -> int:
    if charge.status != "succeeded":
        raise wrong_state(f"Charge {charge.id} cannot be disputed.")
    claimed = sum(d.amount for d in account.disputes if d.charge == charge.id and (d.open or d.withdrawn))
    rest = charge.amount - claimed
    if rest <= 0:
        raise wrong_state(f"Charge {charge.id} cannot be disputed: all of it is.")
    if not 0 < (wanted or rest) <= rest:
        raise StripeApiError(f"Only {rest} of charge {charge.id} can be disputed.", param="amount")
    return wanted or rest


def _move_funds(
    account: SandboxAccount, before: Dispute, status: DisputeStatus, funds: bool | None
) -> tuple[Dispute, Literal["funds_withdrawn", "funds_reinstated"] | None]:
    after = msgspec.structs.replace(before, status=status)
    if funds is None:
        funds = before.withdrawn > 0 if status == "prevented" else status != "won" and not after.inquiry
    if funds and not before.withdrawn:
        return _with_transaction(account, after, -before.amount), "funds_withdrawn"
    if not funds and before.withdrawn:
        return _with_transaction(account, after, before.withdrawn), "funds_reinstated"
    return after, None


def _with_transaction(account: SandboxAccount, dispute: Dispute, amount: int) -> Dispute:
    transaction = DisputeTransaction(
        id=new_id("txn"), created=account.clock.now(), amount=amount, fee=_FEE if amount < 0 else 0
    )
    return msgspec.structs.replace(dispute, transactions=[*dispute.transactions, transaction])


def _end_open_matters(account: SandboxAccount, dispute: Dispute) -> None:
    fail_pending_refunds(account, dispute.charge)
    end_risk_signals(account, dispute.charge, "disputed")
