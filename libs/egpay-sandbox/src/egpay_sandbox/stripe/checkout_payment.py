"""The buttons of the Checkout page: pay by card, pay by bank debit, be declined."""

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.buyer_details import BuyerDetails
from egpay_sandbox.stripe.objects import CheckoutSession, Event
from egpay_sandbox.stripe.objects.payments import PaymentMethodType
from egpay_sandbox.stripe.one_time_purchase import buy_once, decline_once
from egpay_sandbox.stripe.session_completion import payable
from egpay_sandbox.stripe.subscription_events import tell_beginning
from egpay_sandbox.stripe.subscription_purchase import decline_subscription, subscribe


def pay(account: SandboxAccount, session_id: str, buyer: BuyerDetails, means: PaymentMethodType) -> Event:
    """The buyer pays: at once by card, days later by debit. Answers the `completed` event."""
    session, buyer = payable(account, session_id, buyer)
    if session.mode == "payment":
        return buy_once(account, session, buyer, means)
    return tell_beginning(account, subscribe(account, session, buyer, means))


def decline(account: SandboxAccount, session_id: str, buyer: BuyerDetails) -> CheckoutSession:
    """The card is refused and the session stays open."""
    session, buyer = payable(account, session_id, buyer)
    if session.mode == "payment":
        decline_once(account, session, buyer)
    else:
        decline_subscription(account, session, buyer)
    return account.sessions[session_id]
