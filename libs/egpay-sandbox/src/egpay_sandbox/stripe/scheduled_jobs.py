"""Scheduled jobs: sessions expire, subscriptions end, money settles, all without a request."""

import asyncio
import contextlib
from collections.abc import Callable

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.bank_debits import DebitOutcome, settle_debit
from egpay_sandbox.stripe.charges import emit_charge_updated
from egpay_sandbox.stripe.checkout_sessions import expire_session
from egpay_sandbox.stripe.invoice_collection import emit_overdue
from egpay_sandbox.stripe.objects import ScheduledJobKind
from egpay_sandbox.stripe.refunds import emit_refund_updated
from egpay_sandbox.stripe.requests.billing import SubscriptionCancel
from egpay_sandbox.stripe.subscription_lifecycle import cancel_subscription, resume_collection
from egpay_sandbox.stripe.subscriptions import ENDED_STATUSES
from egpay_sandbox.stripe.trials import emit_trial_will_end

_POLL_SECONDS = 0.05


def run_due_jobs(account: SandboxAccount) -> int:
    """Runs every due job, earliest first, and returns their number."""
    now = account.clock.exact()
    due = sorted((e for e in account.scheduled_jobs if e.due <= now), key=lambda job: job.due)
    for job in due:
        account.scheduled_jobs.remove(job.id)
        _JOBS[job.kind](account, job.subject)
    return len(due)


async def run_scheduler(account: SandboxAccount) -> None:
    """Polls every 50 ms until cancelled, so that it notices a moved clock too."""
    while True:
        run_due_jobs(account)
        await asyncio.sleep(_POLL_SECONDS)


def _expire(account: SandboxAccount, session_id: str) -> None:
    session = account.sessions.get(session_id)
    if session is not None and session.status == "open":
        expire_session(account, session_id)


def _end(account: SandboxAccount, subscription_id: str) -> None:
    subscription = account.subscriptions.get(subscription_id)
    if subscription is not None and subscription.status not in ENDED_STATUSES:
        cancel_subscription(account, SubscriptionCancel(), subscription_id)


def _warn_trial_end(account: SandboxAccount, subscription_id: str) -> None:
    subscription = account.subscriptions.get(subscription_id)
    if subscription is not None and subscription.status == "trialing":
        emit_trial_will_end(account, subscription_id)


def _resume_collection(account: SandboxAccount, subscription_id: str) -> None:
    subscription = account.subscriptions.get(subscription_id)
    if subscription is not None and subscription.status not in ENDED_STATUSES:
        resume_collection(account, subscription_id)


def _emit_invoice_payment_paid(account: SandboxAccount, link_id: str) -> None:
    with contextlib.suppress(KeyError):
        account.emit("invoice_payment.paid", account.invoice_payments[link_id])


def _settle(outcome: DebitOutcome) -> Callable[[SandboxAccount, str], None]:
    """Makes the job of a bank's answer; one that a person gave before stays."""

    def settle(account: SandboxAccount, session_id: str) -> None:
        with contextlib.suppress(StripeApiError):
            settle_debit(account, session_id, outcome)

    return settle


_JOBS: dict[ScheduledJobKind, Callable[[SandboxAccount, str], None]] = {
    "expire_session": _expire,
    "end_subscription": _end,
    "warn_trial_end": _warn_trial_end,
    "resume_collection": _resume_collection,
    "invoice_overdue": emit_overdue,
    "debit_succeeds": _settle("succeeded"),
    "debit_fails": _settle("failed"),
    "tell_charge_updated": emit_charge_updated,
    "tell_invoice_payment": _emit_invoice_payment_paid,
    "tell_refund_updated": emit_refund_updated,
}
