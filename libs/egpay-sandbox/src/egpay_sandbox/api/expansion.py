"""Expansion: `expand[]` replaces an id by its object, as deep as asked (docs.stripe.com/expand)."""

from typing import Any

from egpay_sandbox.collection import Collection
from egpay_sandbox.rendering.invoice_parts import render_invoice_payment
from egpay_sandbox.rendering.line_item import render_session_line
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import invalid_parameter
from egpay_sandbox.stripe.discounts import find_coupon

_DEEPEST = 4


def expand_paths(account: SandboxAccount, answer: dict[str, Any], paths: list[str]) -> dict[str, Any]:
    """Follows every path of `expand` in an answer; refuses a path that leads nowhere."""
    for path in paths:
        if path.count(".") >= _DEEPEST:
            raise invalid_parameter(
                "You cannot expand more than 4 levels of a property.",
                "expand",
                "property_expansion_max_depth",
            )
        _follow(account, answer, path.split("."), path)
    return answer


def _follow(account: SandboxAccount, node: Any, path: list[str], whole: str) -> None:
    if isinstance(node, list):
        for part in node:
            _follow(account, part, path, whole)
        return
    if not isinstance(node, dict) or not path:
        return
    name, rest = path[0], path[1:]
    if name not in node:
        _include(account, node, name, whole)
    if isinstance(node[name], str):
        node[name] = _object(account, name, node[name], whole)
    elif isinstance(node[name], list):
        node[name] = [_object(account, name, e, whole) if isinstance(e, str) else e for e in node[name]]
    _follow(account, node[name], rest, whole)


def _include(account: SandboxAccount, node: dict[str, Any], name: str, whole: str) -> None:
    """Includes a list that exists only on request: a session's line items, an invoice's payments."""
    kind, node_id = node.get("object"), node.get("id", "")
    if kind == "checkout.session" and name == "line_items":
        session = account.sessions[node_id]
        rows = [render_session_line(account, session, line) for line in session.lines]
        url = f"/v1/checkout/sessions/{node_id}/line_items"
    elif kind == "invoice" and name == "payments":
        payments = [p for p in account.invoice_payments if p.invoice == node_id]
        rows, url = [render_invoice_payment(account, p) for p in payments], "/v1/invoice_payments"
    elif kind == "invoice" and name == "amount_paid_off_stripe":
        paid = account.invoices[node_id]
        node[name] = paid.amount_due if paid.off_stripe else 0
        return
    elif kind == "charge" and name == "refunds":
        refunds = [r for r in account.refunds if r.charge == node_id]
        rows, url = [render(account, r) for r in refunds], f"/v1/charges/{node_id}/refunds"
    else:
        raise invalid_parameter(f"This property cannot be expanded ({whole}).", "expand")
    node[name] = {"object": "list", "data": rows[:10], "has_more": len(rows) > 10, "url": url}


def _object(account: SandboxAccount, name: str, row_id: str, whole: str) -> dict[str, Any]:
    collections: dict[str, Collection[Any]] = {
        "cus": account.customers,
        "sub": account.subscriptions,
        "in": account.invoices,
        "pi": account.payment_intents,
        "pm": account.payment_methods,
        "ch": account.charges,
        "prod": account.products,
        "price": account.prices,
        "di": account.discounts,
        "promo": account.promotion_codes,
        "re": account.refunds,
    }
    collection = collections.get(row_id.split("_", maxsplit=1)[0])
    row = collection.get(row_id) if collection is not None else None
    if row is None and name == "product":
        row = account.products.get(row_id)
    if row is None and name == "coupon":
        row = find_coupon(account, row_id)
    if row is None:
        raise invalid_parameter(f"This property cannot be expanded ({whole}).", "expand")
    return render(account, row)
