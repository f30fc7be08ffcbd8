"""Buyer details: resolves who pays on the Checkout page to a customer at Stripe."""

from dataclasses import dataclass

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.customers import existing_customer, new_customer
from egpay_sandbox.stripe.objects import Address, CheckoutSession, Customer, Shipping

EXAMPLE_ADDRESS = Address(line1="12 Harbour Street", city="Dublin", postal_code="D02 XE80", country="IE")
"""A billing address that fits everywhere: filled in on the page, and what the control action pays with."""


@dataclass(frozen=True, slots=True)
class BuyerDetails:
    """The details typed on the page."""

    email: str
    name: str | None = None
    address: Address | None = None
    shipping: Shipping | None = None
    tax_id: str | None = None


@dataclass(frozen=True, slots=True)
class PayingCustomer:
    """The customer of a purchase, before and after the page wrote to it; the same when it is new."""

    before: Customer
    after: Customer
    is_new: bool

    @property
    def is_changed(self) -> bool:
        """Whether the page wrote to a customer that existed before it."""
        return not self.is_new and self.before != self.after


def prefilled_email(account: SandboxAccount, session: CheckoutSession) -> str | None:
    """Returns the e-mail that the page shows and locks: the customer's, or the session's own."""
    customer = account.customers.get(session.customer)
    return (customer.email if customer else None) or session.customer_email


def resolve_customer(
    account: SandboxAccount, session: CheckoutSession, buyer: BuyerDetails
) -> PayingCustomer | None:
    """Resolves this purchase's customer and writes to it what the page may; a guest has none.

    docs.stripe.com/api/checkout/sessions/create#create_checkout_session-customer and -customer_creation
    """
    if session.customer is not None:
        known = existing_customer(account, session.customer)
        return PayingCustomer(known, account.customers.store(_written(known, session, buyer)), is_new=False)
    if session.customer_creation != "always":
        return None
    customer = msgspec.structs.replace(
        new_customer(account),
        email=buyer.email,
        name=buyer.name,
        address=buyer.address,
        shipping=buyer.shipping,
    )
    account.customers.store(customer)
    return PayingCustomer(customer, customer, is_new=True)


def _written(known: Customer, session: CheckoutSession, buyer: BuyerDetails) -> Customer:
    """The customer with the typed e-mail, if it had none, and what `customer_update` lets the page write."""
    return msgspec.structs.replace(
        known,
        email=known.email or buyer.email,
        name=(buyer.name if session.keeps_name else None) or known.name,
        address=(buyer.address if session.keeps_address else None) or known.address,
        shipping=(buyer.shipping if session.keeps_shipping else None) or known.shipping,
    )
