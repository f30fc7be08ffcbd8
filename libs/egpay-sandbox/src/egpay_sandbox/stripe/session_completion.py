"""Session completion: a complete session shows its buyer and has no page to pay on."""

from dataclasses import replace
from typing import Literal

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import wrong_state
from egpay_sandbox.stripe.buyer_details import BuyerDetails, prefilled_email
from egpay_sandbox.stripe.customers import validate_email
from egpay_sandbox.stripe.discounts import redeem
from egpay_sandbox.stripe.objects import CheckoutSession, PaymentMethod

PaymentStatus = Literal["paid", "unpaid", "no_payment_required"]


def require_open_session(
    account: SandboxAccount, session_id: str, buyer: BuyerDetails
) -> tuple[CheckoutSession, BuyerDetails]:
    """Loads the open session and its buyer, whose e-mail is the locked one if there is such."""
    session = get_or_404(account.sessions, session_id)
    if session.status != "open":
        raise wrong_state(f"This Checkout Session is {session.status}.")
    email = prefilled_email(account, session) or validate_email(buyer.email, "email")
    return session, replace(buyer, email=email)


def completed_session(
    account: SandboxAccount,
    session: CheckoutSession,
    buyer: BuyerDetails,
    payment_status: PaymentStatus,
) -> CheckoutSession:
    """Builds the complete session and cancels its expiry; it does not store it."""
    account.scheduled_jobs.remove(f"expire_session:{session.id}")
    redeem(account, session)
    return msgspec.structs.replace(
        session,
        status="complete",
        payment_status=payment_status,
        buyer_email=buyer.email,
        buyer_name=buyer.name,
        buyer_address=buyer.address,
        shipping=buyer.shipping,
        buyer_tax_id=buyer.tax_id if session.tax_id_collection else None,
    )


def attach_payment_method(account: SandboxAccount, method: PaymentMethod, customer: str) -> PaymentMethod:
    """Stores the payment method for this customer."""
    return account.payment_methods.store(msgspec.structs.replace(method, customer=customer))
