"""A Checkout Session opens, waits for its buyer, and expires when nobody comes."""

import msgspec

from egpay_sandbox.ids import new_id, random_text
from egpay_sandbox.stripe.account import SandboxAccount, sought
from egpay_sandbox.stripe.api_errors import wrong_state
from egpay_sandbox.stripe.customers import shipping_of
from egpay_sandbox.stripe.line_items import lines_of
from egpay_sandbox.stripe.metadata import merged
from egpay_sandbox.stripe.objects import CheckoutSession
from egpay_sandbox.stripe.requests.checkout import SessionCreate, SessionList
from egpay_sandbox.stripe.session_validation import check

_DAY = 24 * 3600


def open_session(account: SandboxAccount, asked: SessionCreate) -> CheckoutSession:
    """A page a buyer can pay on, for 24 hours or until `expires_at`. Opening tells no event."""
    check(account, asked)
    lines = lines_of(account, asked)
    now = account.clock.now()
    session_id = new_id("cs_test")
    session = CheckoutSession(
        id=session_id,
        created=now,
        expires_at=asked.expires_at or now + _DAY,
        mode=asked.mode,
        lines=lines,
        currency=account.prices[lines[0].price].currency,
        amount_total=sum(line.amount for line in lines),
        # A real url is this long and needs its fragment; whoever cuts it off should notice here.
        url=f"{account.settings.public_url}/c/pay/{session_id}#fid{random_text(240)}%2FxxYiUl",
        success_url=asked.success_url,
        cancel_url=asked.cancel_url,
        client_reference_id=asked.client_reference_id,
        customer=asked.customer,
        customer_email=asked.customer_email,
        customer_creation=_creation(asked),
        metadata=merged({}, asked.metadata),
        locale=asked.locale,
        submit_type=asked.submit_type,
        billing_address_collection=asked.billing_address_collection,
        phone_number_collection=bool(asked.phone_number_collection and asked.phone_number_collection.enabled),
        allow_promotion_codes=asked.allow_promotion_codes,
    )
    session = account.sessions.put(_with_instructions(session, asked))
    account.plan("expire_session", session.id, at=session.expires_at)
    return session


def expire_session(account: SandboxAccount, session_id: str) -> CheckoutSession:
    """An open session ends (by request or by the clock), told as `checkout.session.expired`."""
    session = sought(account.sessions, session_id)
    if session.status != "open":
        raise wrong_state(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a '
            f"status of {session.status}."
        )
    expired = account.sessions.put(msgspec.structs.replace(session, status="expired"))
    account.errands.remove(f"expire_session:{session.id}")
    account.tell("checkout.session.expired", expired)
    intent = account.payment_intents.get(session.payment_intent)
    if intent is not None:
        canceled = msgspec.structs.replace(intent, status="canceled", canceled_at=account.clock.now())
        account.payment_intents.put(canceled)
        account.tell("payment_intent.canceled", canceled)
    return expired


def list_sessions(account: SandboxAccount, asked: SessionList) -> list[CheckoutSession]:
    """Newest first."""
    return [
        session
        for session in account.sessions.newest_first()
        if asked.customer in (None, session.customer)
        and asked.payment_intent in (None, session.payment_intent)
        and asked.subscription in (None, session.subscription)
        and asked.status in (None, session.status)
    ]


def _creation(asked: SessionCreate) -> str | None:
    if asked.mode == "subscription":
        return "always" if asked.customer is None else None
    return None if asked.customer else asked.customer_creation or "if_required"


def _with_instructions(session: CheckoutSession, asked: SessionCreate) -> CheckoutSession:
    """What the objects that paying makes will carry: metadata is never inherited (docs.stripe.com/metadata)."""
    subscription, payment, creation = (
        asked.subscription_data,
        asked.payment_intent_data,
        asked.invoice_creation,
    )
    invoice = creation.invoice_data if creation else None
    countries = asked.shipping_address_collection
    return msgspec.structs.replace(
        session,
        allowed_countries=countries.allowed_countries if countries else None,
        subscription_metadata=merged({}, subscription.metadata, "subscription_data[metadata]")
        if subscription
        else {},
        subscription_description=subscription.description if subscription else None,
        payment_metadata=merged({}, payment.metadata, "payment_intent_data[metadata]") if payment else {},
        payment_description=payment.description if payment else None,
        payment_shipping=shipping_of(payment.shipping) if payment else None,
        invoice_creation=bool(creation and creation.enabled),
        invoice_metadata=merged({}, invoice.metadata, "invoice_creation[invoice_data][metadata]")
        if invoice
        else {},
        invoice_description=invoice.description if invoice else None,
    )
