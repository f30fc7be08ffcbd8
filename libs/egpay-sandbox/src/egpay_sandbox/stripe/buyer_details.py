"""Buyer details: resolves who pays on the Checkout page to a customer at Stripe."""

from dataclasses import dataclass

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.customers import new_customer
from egpay_sandbox.stripe.objects import Address, CheckoutSession, Customer, Shipping


@dataclass(frozen=True, slots=True)
class BuyerDetails:
    """The details typed on the page."""

    email: str
    name: str | None = None
    address: Address | None = None
    shipping: Shipping | None = None


def prefilled_email(account: SandboxAccount, session: CheckoutSession) -> str | None:
    """Returns the e-mail that the page shows and locks: the customer's, or the session's own."""
    customer = account.customers.get(session.customer)
    return (customer.email if customer else None) or session.customer_email


def resolve_customer(
    account: SandboxAccount, session: CheckoutSession, buyer: BuyerDetails
) -> tuple[Customer | None, bool]:
    """Resolves this purchase's customer and whether it is new; a guest has none.

    docs.stripe.com/api/checkout/sessions/create#create_checkout_session-customer_creation
    """
    known = account.customers.get(session.customer)
    if known is not None:
        return known, False
    if session.customer_creation != "always":
        return None, False
    customer = msgspec.structs.replace(
        new_customer(account),
        email=buyer.email,
        name=buyer.name,
        address=buyer.address,
        shipping=buyer.shipping,
    )
    return account.customers.store(customer), True
