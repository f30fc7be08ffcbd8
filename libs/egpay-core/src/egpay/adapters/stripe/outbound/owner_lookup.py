"""Whose a subscription is that was made in Stripe's dashboard: the customer it bills, and the name they go by."""

import msgspec

from egpay.adapters.stripe.inbound.translated import Expanded, ref
from egpay.adapters.stripe.outbound.client import StripeApi, read
from egpay.domain.owner import Owner
from egpay.domain.values import CustomerId, SubscriptionId, email_key


class Billed(msgspec.Struct, frozen=True):
    """The part of a subscription that names its customer."""

    customer: CustomerId | Expanded[CustomerId]


class CustomerView(msgspec.Struct, frozen=True):
    """The part of a customer that says who it is (docs.stripe.com/api/customers/object)."""

    email: str | None = None
    name: str | None = None
    business_name: str | None = None
    individual_name: str | None = None


async def look_up_owner(api: StripeApi, subscription_id: SubscriptionId) -> Owner | None:
    """The owner; None when Stripe knows no such subscription, or its customer was deleted or has no e-mail."""
    subscription = await api.get(f"/v1/subscriptions/{subscription_id}")
    if subscription is None:
        return None
    answer = await api.get(f"/v1/customers/{ref(read(subscription, Billed).customer)}")
    customer = read(answer, CustomerView) if answer else CustomerView()
    if not customer.email:
        return None
    person = customer.individual_name or customer.name or ""
    return Owner(
        subscription_id=subscription_id,
        organisation=customer.business_name or customer.name or person or customer.email.rpartition("@")[2],
        name=person,
        email=customer.email,
        email_key=email_key(customer.email),
    )
