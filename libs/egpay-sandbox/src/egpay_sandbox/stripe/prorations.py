"""Prorations: what a change in the middle of a period credits and charges, at once or with the next invoice."""

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe import invoice_drafts, invoice_transitions
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.customer_balances import apply_balance
from egpay_sandbox.stripe.invoice_collection import RenewalOutcome, bill_invoice
from egpay_sandbox.stripe.objects import InvoiceItem, Subscription, SubscriptionItem


def prorate_change(
    account: SandboxAccount, before: Subscription, after: Subscription, *, restarted: bool
) -> list[InvoiceItem]:
    """Stores what a change credits and charges as pending items: `invoiceitem.created` for each."""
    pending = proration_items(account, before, after, restarted=restarted)
    for row in pending:
        account.invoice_items.store(row)
        account.emit("invoiceitem.created", row)
    return pending


def proration_items(
    account: SandboxAccount, before: Subscription, after: Subscription, *, restarted: bool
) -> list[InvoiceItem]:
    """Computes what a change credits and charges; it stores nothing.

    A period that is `restarted` is charged by its own invoice; a trial costs nothing.
    """
    if before.status == "trialing":
        return []
    old, new = {item.id: item for item in before.items}, {item.id: item for item in after.items}
    gone = [item for key, item in old.items() if _differs(item, new.get(key))]
    come = [item for key, item in new.items() if _differs(item, old.get(key))]
    pending = [_pending(account, before, item, -1) for item in gone]
    return pending + ([] if restarted else [_pending(account, after, item, 1) for item in come])


def invoice_change(
    account: SandboxAccount, sub: Subscription, outcome: RenewalOutcome, *, restarted: bool
) -> Subscription:
    """Bills pending items at once (`subscription_update`), with the whole new period when one began."""
    draft = invoice_drafts.draft_update_invoice(account, sub, whole_period=restarted)
    sub = account.subscriptions.store(msgspec.structs.replace(sub, latest_invoice=draft.id))
    account.emit("invoice.created", draft)
    final = apply_balance(account, invoice_transitions.finalize_invoice(account, draft))
    account.invoices.store(final)
    account.emit("invoice.finalized", final)
    return bill_invoice(account, final, outcome)


def _differs(item: SubscriptionItem, other: SubscriptionItem | None) -> bool:
    return other is None or (item.price, item.quantity) != (other.price, other.quantity)


def _pending(account: SandboxAccount, sub: Subscription, item: SubscriptionItem, sign: int) -> InvoiceItem:
    now, price = account.clock.now(), account.prices[item.price]
    left, whole = max(0, item.period_end - now), max(1, item.period_end - item.period_start)
    amount = (price.unit_amount * item.quantity * left * 2 + whole) // (2 * whole)
    name = account.products[price.product].name
    time = "Remaining" if sign > 0 else "Unused"
    return InvoiceItem(
        id=new_id("ii"),
        created=now,
        customer=sub.customer,
        invoice=None,
        price=price.id,
        product=price.product,
        currency=sub.currency,
        unit_amount=price.unit_amount,
        quantity=item.quantity,
        description=f"{time} time on {item.quantity} x {name}",
        subscription=sub.id,
        subscription_item=item.id,
        prorated=sign * amount,
        period_start=now,
        period_end=item.period_end,
    )
