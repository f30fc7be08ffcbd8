"""Portal changes: what a customer does there besides changing a plan, as far as the configuration lets them."""

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import StripeApiError, wrong_state
from egpay_sandbox.stripe.card_numbers import read_card
from egpay_sandbox.stripe.charges import new_payment_method
from egpay_sandbox.stripe.customers import existing_customer, update_customer
from egpay_sandbox.stripe.objects import (
    Customer,
    PaymentMethod,
    PortalConfiguration,
    PortalSession,
    Subscription,
)
from egpay_sandbox.stripe.requests.billing import SubscriptionCancel, SubscriptionUpdate
from egpay_sandbox.stripe.requests.customers import AddressParams, CustomerCreate
from egpay_sandbox.stripe.subscription_changes import update_subscription
from egpay_sandbox.stripe.subscription_lifecycle import cancel_from_portal, cancel_subscription
from egpay_sandbox.stripe.subscriptions import ENDED_STATUSES, store_if_changed

_DETAILS = ("email", "name", "address")


def own_subscription(account: SandboxAccount, portal: PortalSession, subscription_id: str) -> Subscription:
    """Loads a subscription of the session's customer that has not ended; another's is as unknown as any."""
    sub = account.subscriptions.get(subscription_id)
    if sub is None or sub.customer != portal.customer:
        raise StripeApiError("There is no such subscription.", status=404)
    if sub.status in ENDED_STATUSES:
        raise wrong_state("This subscription has ended.")
    return sub


def cancel(account: SandboxAccount, configuration: PortalConfiguration, sub: Subscription) -> Subscription:
    """Ends a subscription with its period or at once, as the configuration says."""
    _require(configuration.subscription_cancel, "Subscriptions are not cancelled in this portal.")
    if configuration.cancel_mode == "immediately":
        return cancel_subscription(account, SubscriptionCancel(), sub.id)
    if sub.cancel_at is not None:
        return sub
    return cancel_from_portal(account, sub.id)


def keep(account: SandboxAccount, configuration: PortalConfiguration, sub: Subscription) -> Subscription:
    """Takes a planned end back."""
    _require(configuration.subscription_cancel, "Subscriptions are not cancelled in this portal.")
    return update_subscription(account, SubscriptionUpdate(cancel_at=""), sub.id)


def change_card(
    account: SandboxAccount, configuration: PortalConfiguration, portal: PortalSession, number: str
) -> PaymentMethod:
    """Makes a new card the customer's default and that of every subscription: `payment_method.attached` and two more."""
    _require(configuration.payment_method_update, "Cards are not changed in this portal.")
    card = read_card(number)
    before = existing_customer(account, portal.customer)
    method = new_payment_method(account, "card", before.email, before.name, before.id)
    method = account.payment_methods.store(
        msgspec.structs.replace(method, brand=card.brand, last4=card.last4)
    )
    account.emit("payment_method.attached", method)
    after = account.customers.store(msgspec.structs.replace(before, default_payment_method=method.id))
    account.emit("customer.updated", after, before)
    for sub in account.subscriptions:
        if sub.customer == before.id and sub.status not in ENDED_STATUSES:
            store_if_changed(account, msgspec.structs.replace(sub, default_payment_method=method.id), sub)
    return method


def allowed_details(configuration: PortalConfiguration) -> list[str]:
    """Lists which of e-mail, name and address a customer may change."""
    allowed = configuration.allowed_updates if configuration.customer_update else []
    return [name for name in _DETAILS if name in allowed]


def change_details(
    account: SandboxAccount,
    configuration: PortalConfiguration,
    portal: PortalSession,
    typed: dict[str, str],
) -> Customer:
    """Changes e-mail, name and address of the customer, of which the configuration allows some."""
    allowed = allowed_details(configuration)
    _require(bool(allowed), "Details are not changed in this portal.")
    if "email" in allowed and not typed.get("email"):
        raise StripeApiError("Please enter an e-mail address.", param="email")
    address = AddressParams(**{name: typed.get(name) or None for name in AddressParams.__struct_fields__})
    params = CustomerCreate(
        email=typed.get("email") if "email" in allowed else None,
        name=typed.get("name", "") if "name" in allowed else None,
        address=address if "address" in allowed else None,
    )
    return update_customer(account, params, portal.customer)


def _require(allowed: bool, otherwise: str) -> None:
    if not allowed:
        raise wrong_state(otherwise)
