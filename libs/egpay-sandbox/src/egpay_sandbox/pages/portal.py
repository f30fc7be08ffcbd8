"""Billing portal: a customer sees their subscriptions, ends one with its period, or takes that back."""

from typing import Any
from urllib.parse import parse_qs

from litestar import Response, get, post
from litestar.params import FromPath

from egpay_sandbox.pages.page_rendering import render_page, see_other
from egpay_sandbox.request_values import SandboxRequest, sandbox_of
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import PortalSession
from egpay_sandbox.stripe.requests.billing import SubscriptionUpdate
from egpay_sandbox.stripe.subscription_changes import update_subscription
from egpay_sandbox.stripe.subscription_lifecycle import cancel_from_portal
from egpay_sandbox.stripe.subscriptions import ENDED_STATUSES


@get("/p/session/{token:str}")
async def show_portal(request: SandboxRequest, token: FromPath[str]) -> Response[str]:
    """Shows the customer's own page; 404 for a link that was never created."""
    account = sandbox_of(request).account
    portal = _portal(account, token)
    if portal is None:
        return render_page(
            "ended.html", status=404, title="Not found", text="This billing link is not valid."
        )
    return render_page(
        "portal.html",
        portal=portal,
        customer=account.customers[portal.customer],
        subscriptions=[s for s in account.subscriptions if s.customer == portal.customer],
        ended=ENDED_STATUSES,
    )


@post("/p/session/{token:str}", status_code=303)
async def change_subscription(request: SandboxRequest, token: FromPath[str]) -> Response[Any]:
    """Ends one of the customer's own subscriptions at its period's end, or takes that back."""
    account = sandbox_of(request).account
    portal = _portal(account, token)
    form = parse_qs((await request.body()).decode())
    keep = form.get("keep", [""])[0]
    subscription = account.subscriptions.get(keep or form.get("subscription", [""])[0])
    if portal is None or subscription is None or subscription.customer != portal.customer:
        return render_page("ended.html", status=404, title="Not found", text="There is no such subscription.")
    if keep and subscription.status not in ENDED_STATUSES:
        update_subscription(account, SubscriptionUpdate(cancel_at=""), subscription.id)
    elif subscription.status not in ENDED_STATUSES:
        cancel_from_portal(account, subscription.id)
    return see_other(f"/p/session/{token}")


def _portal(account: SandboxAccount, token: str) -> PortalSession | None:
    portal = account.portals.get(token.rpartition("_")[0])
    return portal if portal is not None and portal.url.endswith(f"/{token}") else None


HANDLERS = [show_portal, change_subscription]
