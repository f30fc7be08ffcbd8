"""Customers come, change their address, and open their own billing page."""

import string

import msgspec

from egpay_sandbox.ids import new_id, random_text
from egpay_sandbox.stripe.account import SandboxAccount, sought
from egpay_sandbox.stripe.api_errors import invalid_parameter
from egpay_sandbox.stripe.metadata import merged
from egpay_sandbox.stripe.objects import Address, Customer, PortalSession, Shipping
from egpay_sandbox.stripe.requests.customers import (
    AddressParams,
    CustomerCreate,
    CustomerList,
    PortalCreate,
    ShippingParams,
)


def create_customer(account: SandboxAccount, asked: CustomerCreate) -> Customer:
    """A new customer, told as `customer.created`."""
    customer = _filled(blank_customer(account), asked)
    account.customers.put(customer)
    account.tell("customer.created", customer)
    return customer


def update_customer(account: SandboxAccount, asked: CustomerCreate, customer_id: str) -> Customer:
    """A changed customer, told as `customer.updated` only when something changed."""
    before = sought(account.customers, customer_id)
    after = _filled(before, asked)
    if after != before:
        account.customers.put(after)
        account.tell("customer.updated", after, before)
    return after


def list_customers(account: SandboxAccount, asked: CustomerList) -> list[Customer]:
    """Newest first; the e-mail filter is case-sensitive, as Stripe's."""
    return [c for c in account.customers.newest_first() if asked.email in (None, c.email)]


def open_portal(account: SandboxAccount, asked: PortalCreate) -> PortalSession:
    """A link to the page on which a customer may cancel."""
    sought(account.customers, asked.customer, "customer")
    portal_id = new_id("bps")
    portal = PortalSession(
        id=portal_id,
        created=account.clock.now(),
        customer=asked.customer,
        url=f"{account.settings.public_url}/p/session/{portal_id}_{random_text(24)}",
        return_url=asked.return_url,
    )
    account.portals.put(portal)
    account.tell("billing_portal.session.created", portal)
    return portal


def blank_customer(account: SandboxAccount) -> Customer:
    """A customer nobody knows anything about yet."""
    prefix = "".join(c for c in random_text(24).upper() if c in string.ascii_uppercase + string.digits)[:8]
    return Customer(id=new_id("cus"), created=account.clock.now(), invoice_prefix=prefix)


def checked_email(email: str, param: str) -> str:
    """The address, if Stripe would take it: something, an at sign, something with a dot."""
    name, _, domain = email.rpartition("@")
    if not name or "." not in domain or " " in email or len(email) > 512:
        raise invalid_parameter(f"Invalid email address: {email}", param, "email_invalid")
    return email


def _filled(customer: Customer, asked: CustomerCreate) -> Customer:
    if asked.email:
        checked_email(asked.email, "email")
    said = {
        name: value or None
        for name in ("email", "name", "phone", "description")
        if (value := getattr(asked, name)) is not None
    }
    return msgspec.structs.replace(
        customer,
        **said,
        address=customer.address if asked.address is None else address_of(asked.address),
        shipping=customer.shipping if asked.shipping is None else shipping_of(asked.shipping),
        metadata=merged(customer.metadata, asked.metadata),
    )


def address_of(asked: AddressParams | str | None) -> Address | None:
    """The address a form meant; an empty string means none."""
    return Address(**msgspec.structs.asdict(asked)) if isinstance(asked, AddressParams) else None


def shipping_of(asked: ShippingParams | str | None) -> Shipping | None:
    """The destination a form meant; an empty string means none."""
    if not isinstance(asked, ShippingParams):
        return None
    address = address_of(asked.address) or Address()
    return Shipping(address=address, name=asked.name, phone=asked.phone)
