"""Refunds by our request, disputes by the buyer's bank."""

from typing import Literal

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError, missing_parameter, wrong_state
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import Charge, Dispute, Refund
from egpay_sandbox.stripe.requests.refunds import RefundCreate, RefundList


def create_refund(account: SandboxAccount, params: RefundCreate) -> Refund:
    """Refunds the whole rest of a charge or `amount` (minor units) of it.

    Emits `charge.refunded`, `refund.created`, and a moment later `refund.updated`.
    """
    before = _charge(account, params)
    rest = before.amount - before.amount_refunded
    amount = params.amount or rest
    if rest == 0:
        raise wrong_state(f"Charge {before.id} has already been refunded.", "charge_already_refunded")
    if amount > rest:
        raise StripeApiError(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({rest})", param="amount"
        )
    if before.disputed:
        raise wrong_state(
            f"Charge {before.id} has been charged back; cannot issue a refund.", "charge_disputed"
        )
    done = account.refunds.store(
        Refund(
            id=new_id("re"),
            created=account.clock.now(),
            amount=amount,
            currency=before.currency,
            charge=before.id,
            payment_intent=before.payment_intent,
            reason=params.reason,
            metadata=merge_metadata({}, params.metadata),
            balance_transaction=new_id("txn"),
        )
    )
    after = msgspec.structs.replace(before, amount_refunded=before.amount_refunded + amount)
    account.charges.store(after)
    account.emit("charge.refunded", after, before)
    account.emit("refund.created", done)
    account.schedule("tell_refund_updated", done.id)
    return done


def list_refunds(account: SandboxAccount, params: RefundList) -> list[Refund]:
    """Lists refunds newest first."""
    return [
        row
        for row in account.refunds.newest_first()
        if params.charge in (None, row.charge) and params.payment_intent in (None, row.payment_intent)
    ]


def emit_refund_updated(account: SandboxAccount, refund_id: str) -> None:
    """Emits `refund.updated` with the bank's reference, unless the bank has refused the money meanwhile."""
    before = account.refunds[refund_id]
    if before.failure is not None:
        return
    after = account.refunds.store(msgspec.structs.replace(before, referenced=True))
    account.emit("refund.updated", after, before)
    account.emit("charge.refund.updated", after, before)


def fail_refund(account: SandboxAccount, refund_id: str) -> Refund:
    """Fails a refund at the bank: the charge's refunded sum shrinks, and only the refund's events say so."""
    before = get_or_404(account.refunds, refund_id)
    if before.failure is not None:
        raise wrong_state(f"Refund {refund_id} has failed already.")
    after = account.refunds.store(msgspec.structs.replace(before, failure="expired_or_canceled_card"))
    charge = account.charges[before.charge]
    account.charges.store(
        msgspec.structs.replace(charge, amount_refunded=charge.amount_refunded - before.amount)
    )
    account.emit("refund.updated", after, before)
    account.emit("charge.refund.updated", after, before)
    account.emit("refund.failed", after)
    return after


def open_dispute(account: SandboxAccount, charge_id: str, reason: str) -> Dispute:
    """Opens a dispute that takes the money for now: `charge.dispute.created` and `funds_withdrawn`."""
    charge = get_or_404(account.charges, charge_id)
    if charge.status != "succeeded" or charge.disputed:
        raise wrong_state(f"Charge {charge_id} cannot be disputed.")
    dispute = account.disputes.store(
        Dispute(
            id=new_id("du"),
            created=account.clock.now(),
            amount=charge.amount,
            currency=charge.currency,
            charge=charge.id,
            payment_intent=charge.payment_intent,
            reason=reason,
        )
    )
    after = account.charges.store(msgspec.structs.replace(charge, disputed=True))
    account.emit("charge.dispute.created", dispute)
    account.emit("charge.dispute.funds_withdrawn", dispute)
    account.emit("charge.updated", after, charge)
    return dispute


def close_dispute(account: SandboxAccount, dispute_id: str, outcome: Literal["won", "lost"]) -> Dispute:
    """Closes a dispute: emits `charge.dispute.closed`, with `funds_reinstated` before it when we won."""
    before = get_or_404(account.disputes, dispute_id)
    if before.status != "needs_response":
        raise wrong_state(f"Dispute {dispute_id} is {before.status}.")
    after = account.disputes.store(msgspec.structs.replace(before, status=outcome))
    if outcome == "won":
        account.emit("charge.dispute.funds_reinstated", after)
    account.emit("charge.dispute.closed", after)
    return after


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
