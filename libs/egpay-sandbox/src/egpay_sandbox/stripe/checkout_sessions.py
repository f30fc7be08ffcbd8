"""Checkout Sessions: open, wait for the buyer, and expire without one."""

import msgspec

from egpay_sandbox.ids import new_id, random_text
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import wrong_state
from egpay_sandbox.stripe.customers import shipping_from_params
from egpay_sandbox.stripe.discounts import discount_session, resolve_discount
from egpay_sandbox.stripe.line_items import price_line_items
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import CheckoutSession
from egpay_sandbox.stripe.requests.checkout import SessionCreate, SessionList
from egpay_sandbox.stripe.requests.coupons import DiscountParams
from egpay_sandbox.stripe.session_validation import validate_session

_DAY = 24 * 3600


def create_session(account: SandboxAccount, params: SessionCreate) -> CheckoutSession:
    """Creates a page to pay on, for 24 hours or until `expires_at`; opening emits no event."""
    validate_session(account, params)
    lines = price_line_items(account, params)
    now = account.clock.now()
    session_id = new_id("cs_test")
    session = CheckoutSession(
        id=session_id,
        created=now,
        expires_at=params.expires_at or now + _DAY,
        mode=params.mode,
        lines=lines,
        currency=account.prices[lines[0].price].currency,
        amount_total=sum(line.amount for line in lines),
        # A real url is this long and needs its fragment: code that cuts it off should fail here.
        url=f"{account.settings.public_url}/c/pay/{session_id}#fid{random_text(240)}%2FxxYiUl",
        success_url=params.success_url,
        cancel_url=params.cancel_url,
        client_reference_id=params.client_reference_id,
        customer=params.customer,
        customer_email=params.customer_email,
        customer_creation=_customer_creation(params),
        metadata=merge_metadata({}, params.metadata),
        locale=params.locale,
        submit_type=params.submit_type,
        billing_address_collection=params.billing_address_collection,
        phone_number_collection=bool(
            params.phone_number_collection and params.phone_number_collection.enabled
        ),
        allow_promotion_codes=params.allow_promotion_codes,
    )
    session = account.sessions.store(
        _with_discounts(account, _with_payment_params(session, params), params.discounts or [])
    )
    account.schedule("expire_session", session.id, at=session.expires_at)
    return session


def expire_session(account: SandboxAccount, session_id: str) -> CheckoutSession:
    """Expires an open session, by request or by the clock, and emits `checkout.session.expired`."""
    session = get_or_404(account.sessions, session_id)
    if session.status != "open":
        raise wrong_state(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a '
            f"status of {session.status}."
        )
    expired = account.sessions.store(msgspec.structs.replace(session, status="expired"))
    account.scheduled_jobs.remove(f"expire_session:{session.id}")
    account.emit("checkout.session.expired", expired)
    intent = account.payment_intents.get(session.payment_intent)
    if intent is not None:
        canceled = msgspec.structs.replace(intent, status="canceled", canceled_at=account.clock.now())
        account.payment_intents.store(canceled)
        account.emit("payment_intent.canceled", canceled)
    return expired


def list_sessions(account: SandboxAccount, params: SessionList) -> list[CheckoutSession]:
    """Lists sessions newest first."""
    return [
        session
        for session in account.sessions.newest_first()
        if params.customer in (None, session.customer)
        and params.payment_intent in (None, session.payment_intent)
        and params.subscription in (None, session.subscription)
        and params.status in (None, session.status)
    ]


def _with_discounts(
    account: SandboxAccount, session: CheckoutSession, discounts: list[DiscountParams]
) -> CheckoutSession:
    for discount in discounts:
        redeemed = resolve_discount(account, discount, "discounts[0]")
        session = discount_session(account, session, redeemed)
    return session


def _customer_creation(params: SessionCreate) -> str | None:
    if params.mode == "subscription":
        return "always" if params.customer is None else None
    return None if params.customer else params.customer_creation or "if_required"


def _with_payment_params(session: CheckoutSession, params: SessionCreate) -> CheckoutSession:
    """Adds what paying's objects will carry: metadata is never inherited (docs.stripe.com/metadata)."""
    subscription, payment, creation = (
        params.subscription_data,
        params.payment_intent_data,
        params.invoice_creation,
    )
    invoice = creation.invoice_data if creation else None
    update, tax_id = params.customer_update, params.tax_id_collection
    countries = params.shipping_address_collection
    return msgspec.structs.replace(
        session,
        keeps_name=bool(update and update.name == "auto"),
        keeps_address=bool(update and update.address == "auto"),
        keeps_shipping=bool(update and update.shipping == "auto"),
        tax_id_collection=bool(tax_id and tax_id.enabled),
        tax_id_required=tax_id.required if tax_id else "never",
        allowed_countries=countries.allowed_countries if countries else None,
        subscription_metadata=merge_metadata({}, subscription.metadata, "subscription_data[metadata]")
        if subscription
        else {},
        subscription_description=subscription.description if subscription else None,
        trial_days=subscription.trial_period_days if subscription else None,
        payment_metadata=merge_metadata({}, payment.metadata, "payment_intent_data[metadata]")
        if payment
        else {},
        payment_description=payment.description if payment else None,
        payment_shipping=shipping_from_params(payment.shipping) if payment else None,
        invoice_creation=bool(creation and creation.enabled),
        invoice_metadata=merge_metadata({}, invoice.metadata, "invoice_creation[invoice_data][metadata]")
        if invoice
        else {},
        invoice_description=invoice.description if invoice else None,
    )
