"""Customers at Stripe: one for each order, deleted when nothing came of the order.

The order's route is public: the page of a known Customer would show its owner's e-mail, name, address and card to
anyone who types them. docs.stripe.com/api/customers/create.
"""

from typing import Any

import msgspec

from egpay.adapters.stripe.inbound.translated import Listed
from egpay.adapters.stripe.outbound.checkout import metadata, stripe_address
from egpay.adapters.stripe.outbound.client import StripeApi, path_id, read
from egpay.domain.order import Order
from egpay.domain.printable import LONGEST_NAME, one_line
from egpay.domain.sale import Sale
from egpay.domain.values import CustomerId


class KnownObject(msgspec.Struct, frozen=True):
    """Id of an object."""

    id: str


def customer_params(sale: Sale, order: Order, *, installation: str | None = None) -> dict[str, Any]:
    """Parameters that create the Customer of an order, from what is stored of it alone.

    Checkout locks an e-mail that the Customer has, and asks for and keeps one that is missing: so it has one only
    when the order named a billing e-mail.
    """
    organisation = one_line(order.organisation, longest=LONGEST_NAME)
    mark = {"sale_id": sale.id, "organisation": organisation}
    params: dict[str, Any] = {
        "name": organisation,
        "metadata": metadata({**mark, **({"egpay_installation": installation} if installation else {})}),
    }
    if order.billing_email:
        params["email"] = order.billing_email
    if order.phone:
        params["phone"] = order.phone
    if order.locale:
        params["preferred_locales"] = [order.locale]
    if order.shipping_address:
        recipient = {"name": one_line(order.name, longest=LONGEST_NAME)}
        if order.phone:
            recipient["phone"] = order.phone
        params["shipping"] = {**recipient, "address": stripe_address(order.shipping_address)}
    return params


async def delete(api: StripeApi, customer: CustomerId) -> bool:
    """Delete a Customer; false when it has a subscription, which Stripe would end with it. Unknown is deleted, too."""
    name = path_id(customer, "customer")
    answer = await api.get("/v1/subscriptions", {"customer": name, "status": "all", "limit": 1})
    if answer and read(answer, Listed[KnownObject]).data:
        return False
    await api.delete(f"/v1/customers/{name}")
    return True
