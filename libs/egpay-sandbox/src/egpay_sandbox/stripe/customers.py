"""Customers: create, update and delete them, and open their billing portal."""

import string

import msgspec

from egpay_sandbox.ids import new_id, random_text
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import invalid_parameter, missing_resource
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import Address, Customer, PortalSession, Shipping
from egpay_sandbox.stripe.portal_configurations import require_configuration
from egpay_sandbox.stripe.requests.billing import SubscriptionCancel
from egpay_sandbox.stripe.requests.customers import (
    AddressParams,
    CustomerCreate,
    CustomerList,
    PortalCreate,
    ShippingParams,
)
from egpay_sandbox.stripe.subscription_lifecycle import cancel_subscription
from egpay_sandbox.stripe.subscriptions import ENDED_STATUSES


def create_customer(account: SandboxAccount, params: CustomerCreate) -> Customer:
    """Creates a customer and emits `customer.created`."""
    customer = _apply_params(new_customer(account), params)
    account.customers.store(customer)
    account.emit("customer.created", customer)
    return customer


def update_customer(account: SandboxAccount, params: CustomerCreate, customer_id: str) -> Customer:
    """Updates a customer and emits `customer.updated` only when something changed."""
    before = existing_customer(account, customer_id)
    after = _apply_params(before, params)
    if after != before:
        account.customers.store(after)
        account.emit("customer.updated", after, before)
    return after


def delete_customer(account: SandboxAccount, customer_id: str) -> Customer:
    """Deletes a customer for good, ends its subscriptions at once, and emits `customer.deleted`."""
    customer = existing_customer(account, customer_id)
    for subscription in account.subscriptions:
        if subscription.customer == customer_id and subscription.status not in ENDED_STATUSES:
            cancel_subscription(account, SubscriptionCancel(), subscription.id)
    account.emit("customer.deleted", customer)
    return account.customers.store(msgspec.structs.replace(customer, deleted=True))


def existing_customer(account: SandboxAccount, customer_id: str, param: str | None = None) -> Customer:
    """Loads a customer; a deleted one is as unknown as any other id (docs.stripe.com/api/customers/delete)."""
    customer = get_or_404(account.customers, customer_id, param)
    if customer.deleted:
        raise missing_resource("customer", customer_id, param or "id", status=400 if param else 404)
    return customer


def list_customers(account: SandboxAccount, params: CustomerList) -> list[Customer]:
    """Lists newest first; the e-mail filter is case-sensitive, as Stripe's."""
    return [c for c in account.customers.newest_first() if not c.deleted and params.email in (None, c.email)]


def create_portal_session(account: SandboxAccount, params: PortalCreate) -> PortalSession:
    """Creates a link to the page on which a customer may cancel."""
    existing_customer(account, params.customer, "customer")
    configuration = require_configuration(account, params.configuration)
    portal_id = new_id("bps")
    portal = PortalSession(
        id=portal_id,
        created=account.clock.now(),
        customer=params.customer,
        url=f"{account.settings.public_url}/p/session/{portal_id}_{random_text(24)}",
        configuration=configuration.id,
        return_url=params.return_url or configuration.default_return_url,
    )
    account.portals.store(portal)
    account.emit("billing_portal.session.created", portal)
    return portal


def new_customer(account: SandboxAccount) -> Customer:
    """Creates a customer without any details."""
    prefix = "".join(c for c in random_text(24).upper() if c in string.ascii_uppercase + string.digits)[:8]
    return Customer(id=new_id("cus"), created=account.clock.now(), invoice_prefix=prefix)


def validate_email(email: str, param: str) -> str:
    """Returns the address if Stripe would accept it: something, an at sign, something with a dot."""
    name, _, domain = email.rpartition("@")
    if not name or "." not in domain or " " in email or len(email) > 512:
        raise invalid_parameter(f"Invalid email address: {email}", param, "email_invalid")
    return email


def _apply_params(customer: Customer, params: CustomerCreate) -> Customer:
    if params.email:
        validate_email(params.email, "email")
    scalars = {
        name: value or None
        for name in ("email", "name", "phone", "description")
        if (value := getattr(params, name)) is not None
    }
    return msgspec.structs.replace(
        customer,
        **scalars,
        address=customer.address if params.address is None else address_from_params(params.address),
        shipping=customer.shipping if params.shipping is None else shipping_from_params(params.shipping),
        preferred_locales=customer.preferred_locales
        if params.preferred_locales is None
        else params.preferred_locales,
        tax_exempt=params.tax_exempt or customer.tax_exempt,
        metadata=merge_metadata(customer.metadata, params.metadata),
    )


def address_from_params(params: AddressParams | str | None) -> Address | None:
    """Converts a form's address; an empty string means none."""
    return Address(**msgspec.structs.asdict(params)) if isinstance(params, AddressParams) else None


def shipping_from_params(params: ShippingParams | str | None) -> Shipping | None:
    """Converts a form's destination; an empty string means none."""
    if not isinstance(params, ShippingParams):
        return None
    address = address_from_params(params.address) or Address()
    return Shipping(address=address, name=params.name, phone=params.phone)
