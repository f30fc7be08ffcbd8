"""Early fraud warnings and reviews of a charge."""

from typing import Literal

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import wrong_state
from egpay_sandbox.stripe.objects import EarlyFraudWarning, Review
from egpay_sandbox.stripe.objects.risk import ClosedReason


def warn_of_fraud(
    account: SandboxAccount,
    charge_id: str,
    *,
    fraud_type: str = "made_with_stolen_card",
    actionable: bool = True,
) -> EarlyFraudWarning:
    """Reports a charge as fraud: emits `radar.early_fraud_warning.created`."""
    charge = get_or_404(account.charges, charge_id)
    warning = account.warnings.store(
        EarlyFraudWarning(
            id=new_id("issfr"),
            created=account.clock.now(),
            charge=charge.id,
            payment_intent=charge.payment_intent,
            fraud_type=fraud_type,
            actionable=actionable,
        )
    )
    account.emit("radar.early_fraud_warning.created", warning)
    return warning


def settle_warning(account: SandboxAccount, warning_id: str) -> EarlyFraudWarning:
    """Makes a warning not actionable any more: emits `radar.early_fraud_warning.updated`."""
    before = get_or_404(account.warnings, warning_id)
    after = account.warnings.store(msgspec.structs.replace(before, actionable=False))
    account.emit("radar.early_fraud_warning.updated", after, before)
    return after


def open_review(
    account: SandboxAccount, charge_id: str, opened_reason: Literal["rule", "manual"] = "rule"
) -> Review:
    """Puts a payment under review: emits `review.opened`."""
    charge = get_or_404(account.charges, charge_id)
    review = account.reviews.store(
        Review(
            id=new_id("prv"),
            created=account.clock.now(),
            charge=charge.id,
            payment_intent=charge.payment_intent,
            opened_reason=opened_reason,
        )
    )
    account.emit("review.opened", review)
    return review


def close_review(account: SandboxAccount, review_id: str, reason: ClosedReason) -> Review:
    """Closes a review with its reason: emits `review.closed`."""
    before = get_or_404(account.reviews, review_id)
    if before.closed_reason is not None:
        raise wrong_state(f"Review {review_id} is closed already.")
    after = account.reviews.store(msgspec.structs.replace(before, closed_reason=reason))
    account.emit("review.closed", after)
    return after


def end_risk_signals(account: SandboxAccount, charge_id: str, reason: ClosedReason) -> None:
    """Ends what was open about a charge when it is refunded in full or disputed.

    docs.stripe.com/api/radar/early_fraud_warnings/object: then nothing can be done about a warning any more.
    """
    for warning in account.warnings:
        if warning.charge == charge_id and warning.actionable:
            settle_warning(account, warning.id)
    for review in account.reviews:
        if review.charge == charge_id and review.closed_reason is None:
            close_review(account, review.id, reason)
