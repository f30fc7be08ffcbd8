"""Invoice drafts: the first of a subscription, one per period, or one after a one-time purchase."""

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.discounts import current_discount, discount_invoice
from egpay_sandbox.stripe.objects import (
    CheckoutSession,
    Customer,
    Invoice,
    InvoiceLine,
    SessionLine,
    Subscription,
)

_DAY = 24 * 3600


def subscription_lines(account: SandboxAccount, subscription: Subscription) -> list[InvoiceLine]:
    """Builds one line per item for its current period, with the subscription's metadata; a trial costs nothing."""
    trial = subscription.status == "trialing"
    return [
        InvoiceLine(
            id=new_id("il"),
            price=item.price,
            product=account.prices[item.price].product,
            unit_amount=0 if trial else account.prices[item.price].unit_amount,
            quantity=item.quantity,
            description=f"{item.quantity} x {account.products[account.prices[item.price].product].name}",
            period_start=item.period_start,
            period_end=item.period_end,
            metadata=subscription.metadata,
            subscription=subscription.id,
            subscription_item=item.id,
        )
        for item in subscription.items
    ]


def one_time_lines(
    account: SandboxAccount, lines: list[SessionLine], subscription: str | None = None
) -> list[InvoiceLine]:
    """Builds one line per one-time price: it is on the initial invoice only."""
    now = account.clock.now()
    return [
        InvoiceLine(
            id=new_id("il"),
            price=line.price,
            product=account.prices[line.price].product,
            unit_amount=account.prices[line.price].unit_amount,
            quantity=line.quantity,
            description=line.description,
            period_start=now,
            period_end=now,
            subscription=subscription,
            invoice_item=new_id("ii"),
        )
        for line in lines
        if not account.prices[line.price].recurring
    ]


def draft_first_invoice(
    account: SandboxAccount, session: CheckoutSession, subscription: Subscription
) -> Invoice:
    """Drafts `subscription_create`: the first period and all one-time lines of the cart."""
    lines = subscription_lines(account, subscription)
    lines += one_time_lines(account, session.lines, subscription.id)
    draft = _subscription_draft(account, subscription, lines, subscription.discount or session.discount)
    return msgspec.structs.replace(draft, billing_reason="subscription_create")


def draft_creation_invoice(account: SandboxAccount, subscription: Subscription) -> Invoice:
    """Drafts `subscription_create` of a subscription that no Checkout Session made."""
    lines = subscription_lines(account, subscription)
    draft = _subscription_draft(account, subscription, lines, subscription.discount)
    return msgspec.structs.replace(draft, billing_reason="subscription_create")


def draft_update_invoice(
    account: SandboxAccount, subscription: Subscription, *, whole_period: bool
) -> Invoice:
    """Drafts `subscription_update`: the pending items of a change, and the period that began with it."""
    lines = subscription_lines(account, subscription) if whole_period else []
    discount = current_discount(account, subscription, account.clock.now())
    draft = _subscription_draft(account, subscription, lines, discount)
    return msgspec.structs.replace(
        _with_pending_items(account, draft, subscription), billing_reason="subscription_update"
    )


def draft_renewal_invoice(account: SandboxAccount, before: Subscription, after: Subscription) -> Invoice:
    """Drafts `subscription_cycle`: covers the ended period and charges the one that began."""
    lines = subscription_lines(account, after)
    draft = _subscription_draft(account, after, lines, current_discount(account, after, after.period_start))
    return msgspec.structs.replace(
        _with_pending_items(account, draft, after),
        billing_reason="subscription_cycle",
        period_start=before.period_start,
        period_end=before.period_end,
    )


def draft_post_purchase_invoice(
    account: SandboxAccount, session: CheckoutSession, customer: Customer | None
) -> Invoice:
    """Drafts `manual` for a one-time purchase with `invoice_creation`."""
    draft = _draft(account, customer, one_time_lines(account, session.lines), session.currency)
    draft = discount_invoice(account, draft, session.discount)
    return msgspec.structs.replace(
        draft,
        customer_email=session.buyer_email,
        metadata=session.invoice_metadata,
        description=session.invoice_description,
    )


def _subscription_draft(
    account: SandboxAccount, subscription: Subscription, lines: list[InvoiceLine], discount: str | None
) -> Invoice:
    draft = _draft(account, account.customers[subscription.customer], lines, subscription.currency)
    days = subscription.days_until_due
    return msgspec.structs.replace(
        discount_invoice(account, draft, discount),
        subscription=subscription.id,
        subscription_metadata=dict(subscription.metadata),
        due_date=None if days is None else draft.created + days * _DAY,
    )


def _with_pending_items(account: SandboxAccount, draft: Invoice, subscription: Subscription) -> Invoice:
    lines = []
    for item in account.invoice_items:
        if item.subscription != subscription.id or item.invoice is not None:
            continue
        account.invoice_items.store(msgspec.structs.replace(item, invoice=draft.id))
        lines.append(
            InvoiceLine(
                id=new_id("il"),
                price=item.price,
                product=item.product,
                unit_amount=item.unit_amount,
                quantity=item.quantity,
                description=item.description,
                period_start=item.period_start or item.created,
                period_end=item.period_end or item.created,
                subscription=item.subscription,
                subscription_item=item.subscription_item,
                invoice_item=item.id,
                prorated=item.prorated,
            )
        )
    return msgspec.structs.replace(draft, lines=[*lines, *draft.lines])


def _draft(
    account: SandboxAccount, customer: Customer | None, lines: list[InvoiceLine], currency: str
) -> Invoice:
    now = account.clock.now()
    return Invoice(
        id=new_id("in"),
        created=now,
        currency=currency,
        lines=lines,
        billing_reason="manual",
        status="draft",
        customer=customer.id if customer else None,
        customer_email=customer.email if customer else None,
        customer_name=customer.name if customer else None,
        customer_address=customer.address if customer else None,
        customer_shipping=customer.shipping if customer else None,
        period_start=now,
        period_end=now,
    )
