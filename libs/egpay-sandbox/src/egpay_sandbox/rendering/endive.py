"""The wording of API version 2026-10-28.endive, the one egpay's SDK is pinned to."""

from collections.abc import Callable
from typing import Any

from egpay_sandbox.rendering import (
    billing,
    catalogue,
    charge,
    customer,
    endpoint,
    giving_back,
    intent,
    invoice,
    invoice_parts,
    method,
    session,
)
from egpay_sandbox.stripe import objects
from egpay_sandbox.stripe.account import Account
from egpay_sandbox.stripe.objects import Thing, WebhookEndpoint

_RENDERERS: dict[type, Callable[[Account, Any], dict[str, Any]]] = {
    objects.Charge: charge.render_charge,
    objects.CheckoutSession: session.render_session,
    objects.Customer: customer.render_customer,
    objects.Dispute: giving_back.render_dispute,
    objects.Invoice: invoice.render_invoice,
    objects.InvoiceItem: invoice_parts.render_invoice_item,
    objects.InvoicePayment: invoice_parts.render_invoice_payment,
    objects.PaymentIntent: intent.render_intent,
    objects.PaymentMethod: method.render_method,
    objects.PortalSession: customer.render_portal,
    objects.Price: catalogue.render_price,
    objects.Product: catalogue.render_product,
    objects.Refund: giving_back.render_refund,
    objects.Subscription: billing.render_subscription,
    objects.WebhookEndpoint: endpoint.render_endpoint,
}


def render(account: Account, thing: Thing | WebhookEndpoint) -> dict[str, Any]:
    """The object as Stripe would send it, without anything expanded."""
    return _RENDERERS[type(thing)](account, thing)
