"""Payment actions of the Checkout page: pay by card, pay by bank debit, be declined."""

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.buyer_details import BuyerDetails
from egpay_sandbox.stripe.objects import CheckoutSession, Event
from egpay_sandbox.stripe.objects.payments import PaymentMethodType
from egpay_sandbox.stripe.one_time_purchase import decline_one_time_session, pay_one_time_session
from egpay_sandbox.stripe.session_completion import require_open_session
from egpay_sandbox.stripe.subscription_events import emit_subscription_started
from egpay_sandbox.stripe.subscription_purchase import decline_subscription_session, pay_subscription_session


def pay_session(
    account: SandboxAccount, session_id: str, buyer: BuyerDetails, means: PaymentMethodType
) -> Event:
    """Pays: at once by card, days later by debit; returns the `completed` event."""
    session, buyer = require_open_session(account, session_id, buyer)
    if session.mode == "payment":
        return pay_one_time_session(account, session, buyer, means)
    return emit_subscription_started(account, pay_subscription_session(account, session, buyer, means))


def decline_session(account: SandboxAccount, session_id: str, buyer: BuyerDetails) -> CheckoutSession:
    """Declines the card; the session stays open."""
    session, buyer = require_open_session(account, session_id, buyer)
    if session.mode == "payment":
        decline_one_time_session(account, session, buyer)
    else:
        decline_subscription_session(account, session, buyer)
    return account.sessions[session_id]
