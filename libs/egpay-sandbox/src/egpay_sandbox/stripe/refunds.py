"""Refunds of a charge: created by our request, then paid, refused or canceled by the bank."""

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError, missing_parameter, wrong_state
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import Charge, Refund
from egpay_sandbox.stripe.objects.refund import RefundFailure, RefundStatus
from egpay_sandbox.stripe.requests.refunds import RefundCreate, RefundList, RefundUpdate
from egpay_sandbox.stripe.risk_signals import end_risk_signals

_NEXT: dict[RefundStatus, tuple[RefundStatus, ...]] = {
    "pending": ("requires_action", "succeeded", "failed", "canceled"),
    "requires_action": ("pending", "succeeded", "failed", "canceled"),
    "succeeded": ("failed",),
    "failed": (),
    "canceled": (),
}


def create_refund(
    account: SandboxAccount, params: RefundCreate, *, status: RefundStatus | None = None
) -> Refund:
    """Refunds the whole rest of a charge or `amount` (minor units) of it.

    Emits `charge.refunded`, `refund.created`, and a moment later `refund.updated`. `status` is what it begins
    as, by default what the account's settings say.
    """
    before = _charge(account, params)
    amount = _refundable_amount(account, before, params.amount)
    refund = account.refunds.store(
        Refund(
            id=new_id("re"),
            created=account.clock.now(),
            amount=amount,
            currency=before.currency,
            charge=before.id,
            payment_intent=before.payment_intent,
            status=status or account.settings.refund_status,
            reason=params.reason,
            metadata=merge_metadata({}, params.metadata),
            balance_transaction=new_id("txn"),
            instructions_email=params.instructions_email,
        )
    )
    after = msgspec.structs.replace(before, amount_refunded=before.amount_refunded + amount)
    account.charges.store(after)
    account.emit("charge.refunded", after, before)
    account.emit("refund.created", refund)
    if refund.status == "succeeded":
        account.schedule("tell_refund_updated", refund.id)
    if after.amount_refunded == after.amount:
        fraud = params.reason == "fraudulent"
        end_risk_signals(account, after.id, "refunded_as_fraud" if fraud else "refunded")
    return refund


def list_refunds(account: SandboxAccount, params: RefundList) -> list[Refund]:
    """Lists refunds newest first."""
    return [
        row
        for row in account.refunds.newest_first()
        if params.charge in (None, row.charge) and params.payment_intent in (None, row.payment_intent)
    ]


def update_refund(account: SandboxAccount, params: RefundUpdate, refund_id: str) -> Refund:
    """Updates the metadata, the only thing that may change."""
    before = get_or_404(account.refunds, refund_id)
    after = msgspec.structs.replace(before, metadata=merge_metadata(before.metadata, params.metadata))
    if after != before:
        _store_change(account, after, before)
    return after


def cancel_refund(account: SandboxAccount, refund_id: str) -> Refund:
    """Cancels a refund that still waits for the customer; no other can be canceled by request."""
    if get_or_404(account.refunds, refund_id).status != "requires_action":
        raise wrong_state("You can only cancel a refund whose status is requires_action.")
    return settle_refund(account, refund_id, "canceled")


def settle_refund(
    account: SandboxAccount, refund_id: str, status: RefundStatus, failure: RefundFailure | None = None
) -> Refund:
    """Settles a refund as the bank decides; the charge's refunded sum shrinks when the money stays.

    Only the refund's own events report it: `refund.updated`, and `refund.failed` for a failure.
    """
    before = get_or_404(account.refunds, refund_id)
    if status not in _NEXT[before.status]:
        raise wrong_state(f"Refund {refund_id} is {before.status} and cannot become {status}.")
    reason = (failure or "expired_or_canceled_card") if status == "failed" else None
    after = msgspec.structs.replace(before, status=status, failure=reason)
    if before.counts and not after.counts:
        charge = account.charges[before.charge]
        account.charges.store(
            msgspec.structs.replace(charge, amount_refunded=charge.amount_refunded - before.amount)
        )
    _store_change(account, after, before)
    if status == "failed":
        account.emit("refund.failed", after)
    return after


def next_statuses(refund: Refund) -> tuple[RefundStatus, ...]:
    """Lists the statuses that a refund may get next."""
    return _NEXT[refund.status]


def emit_refund_updated(account: SandboxAccount, refund_id: str) -> None:
    """Emits `refund.updated` with the bank's reference, unless the bank has refused the money meanwhile."""
    before = account.refunds[refund_id]
    if before.status == "succeeded":
        _store_change(account, msgspec.structs.replace(before, referenced=True), before)


def fail_pending_refunds(account: SandboxAccount, charge_id: str) -> None:
    """Fails refunds under way when the charge is disputed, because the dispute takes the money."""
    for refund in account.refunds:
        if refund.charge == charge_id and refund.status in ("pending", "requires_action"):
            settle_refund(account, refund.id, "failed", "charge_for_pending_refund_disputed")


def _store_change(account: SandboxAccount, after: Refund, before: Refund) -> None:
    account.refunds.store(after)
    account.emit("refund.updated", after, before)
    account.emit("charge.refund.updated", after, before)


def _charge(account: SandboxAccount, params: RefundCreate) -> Charge:
    if params.charge is not None:
        charge = get_or_404(account.charges, params.charge, "charge")
    elif params.payment_intent is not None:
        intent = get_or_404(account.payment_intents, params.payment_intent, "payment_intent")
        found = account.charges.get(intent.latest_charge)
        if found is None:
            raise wrong_state(
                f"This PaymentIntent ({intent.id}) does not have a successful charge to refund."
            )
        charge = found
    else:
        raise missing_parameter("payment_intent")
    if charge.status != "succeeded":
        raise wrong_state(f"Charge {charge.id} is {charge.status} and cannot be refunded.")
    return charge


def _refundable_amount(account: SandboxAccount, charge: Charge, wanted: int | None) -> int:
    """Returns what is to be refunded: never more than was neither refunded nor lost in disputes."""
    disputes = [dispute for dispute in account.disputes if dispute.charge == charge.id]
    gone = sum(dispute.withdrawn for dispute in disputes)
    rest = charge.amount - charge.amount_refunded - gone
    if any(dispute.open and not dispute.inquiry for dispute in disputes) or (gone and rest <= 0):
        raise wrong_state(
            f"Charge {charge.id} has been charged back; cannot issue a refund.", "charge_disputed"
        )
    if rest <= 0:
        raise wrong_state(f"Charge {charge.id} has already been refunded.", "charge_already_refunded")
    if (wanted or rest) > rest:
        raise StripeApiError(
            f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({rest})", param="amount"
        )
    return wanted or rest
