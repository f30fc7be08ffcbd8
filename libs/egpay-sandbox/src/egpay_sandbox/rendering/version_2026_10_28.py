"""Renderer of API version 2026-10-28.endive, the one egpay's SDK is pinned to."""

from collections.abc import Callable
from typing import Any

from egpay_sandbox.rendering import (
    catalogue,
    charge,
    checkout_session,
    coupon,
    credit_note,
    customer,
    dispute,
    invoice,
    invoice_parts,
    payment_intent,
    payment_method,
    portal,
    refund,
    risk,
    subscription,
    webhook_endpoint,
)
from egpay_sandbox.stripe import objects
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import StoredObject, WebhookEndpoint

_RENDERERS: dict[type, Callable[[SandboxAccount, Any], dict[str, Any]]] = {
    objects.Charge: charge.render_charge,
    objects.CheckoutSession: checkout_session.render_session,
    objects.Coupon: coupon.render_coupon,
    objects.CreditNote: credit_note.render_credit_note,
    objects.Customer: customer.render_customer,
    objects.CustomerBalanceTransaction: credit_note.render_balance_transaction,
    objects.Discount: coupon.render_discount,
    objects.Dispute: dispute.render_dispute,
    objects.EarlyFraudWarning: risk.render_warning,
    objects.Invoice: invoice.render_invoice,
    objects.InvoiceItem: invoice_parts.render_invoice_item,
    objects.InvoicePayment: invoice_parts.render_invoice_payment,
    objects.PaymentIntent: payment_intent.render_payment_intent,
    objects.PaymentMethod: payment_method.render_payment_method,
    objects.PortalConfiguration: portal.render_configuration,
    objects.PortalSession: portal.render_portal_session,
    objects.Price: catalogue.render_price,
    objects.Product: catalogue.render_product,
    objects.PromotionCode: coupon.render_promotion_code,
    objects.Refund: refund.render_refund,
    objects.Review: risk.render_review,
    objects.Subscription: subscription.render_subscription,
    objects.WebhookEndpoint: webhook_endpoint.render_endpoint,
}


def render(account: SandboxAccount, stored_object: StoredObject | WebhookEndpoint) -> dict[str, Any]:
    """Renders an object as Stripe would send it, without anything expanded."""
    return _RENDERERS[type(stored_object)](account, stored_object)
