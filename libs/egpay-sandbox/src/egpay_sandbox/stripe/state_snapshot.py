"""State snapshot: the account's true state in short, to compare egpay's books with."""

from typing import Any

from egpay_sandbox.stripe.account import SandboxAccount


def state_snapshot(account: SandboxAccount) -> dict[str, list[dict[str, Any]]]:
    """Lists every object with money or goods on it; amounts are minor units, ids are Stripe's."""
    return {
        "sessions": [
            {
                "id": s.id,
                "mode": s.mode,
                "status": s.status,
                "payment_status": s.payment_status,
                "client_reference_id": s.client_reference_id,
                "metadata": s.metadata,
                "amount_total": s.amount_total,
                "customer": s.customer,
                "subscription": s.subscription,
                "invoice": s.invoice,
                "payment_intent": s.payment_intent,
            }
            for s in account.sessions
        ],
        "subscriptions": [
            {
                "id": s.id,
                "status": s.status,
                "customer": s.customer,
                "metadata": s.metadata,
                "quantity": sum(item.quantity for item in s.items),
                "period_end": s.period_end,
                "cancel_at": s.cancel_at,
                "latest_invoice": s.latest_invoice,
            }
            for s in account.subscriptions
        ],
        "invoices": _invoices(account),
        **_money(account),
    }


def _invoices(account: SandboxAccount) -> list[dict[str, Any]]:
    return [
        {
            "id": i.id,
            "status": i.status,
            "billing_reason": i.billing_reason,
            "subscription": i.subscription,
            "total": i.total,
            "attempt_count": i.attempt_count,
            "payment_intents": [
                p.payment_intent for p in account.invoice_payments if p.invoice == i.id and p.payment_intent
            ],
        }
        for i in account.invoices
    ]


def _money(account: SandboxAccount) -> dict[str, list[dict[str, Any]]]:
    return {
        "charges": [
            {
                "id": c.id,
                "status": c.status,
                "amount": c.amount,
                "amount_refunded": c.amount_refunded,
                "disputed": c.disputed,
                "payment_intent": c.payment_intent,
                "metadata": c.metadata,
            }
            for c in account.charges
        ],
        "refunds": [
            {
                "id": r.id,
                "charge": r.charge,
                "payment_intent": r.payment_intent,
                "amount": r.amount,
                "status": r.status,
            }
            for r in account.refunds
        ],
        "disputes": [
            {"id": d.id, "charge": d.charge, "status": d.status, "amount": d.amount} for d in account.disputes
        ],
    }
