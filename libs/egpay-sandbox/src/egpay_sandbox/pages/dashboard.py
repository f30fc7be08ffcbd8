"""Dashboard: the home page with everything that happened and buttons for what may happen next."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from egpay_sandbox.control.actions import ACTIONS
from egpay_sandbox.delivery.delivery_log import WebhookDelivery
from egpay_sandbox.pages.object_owners import ObjectOwner, OwnerIndex
from egpay_sandbox.pages.page_rendering import format_count, render_page, see_other
from egpay_sandbox.request_values import SandboxRequest, sandbox_of
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe import disputes, refunds
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.objects import Subscription

_SHOWN = 20
_DELIVERIES_SHOWN = 100
_RETURN_PATHS = ("/", "/warehouse", "/deliveries")


@get("/")
async def home(request: SandboxRequest, said: FromQuery[str] = "") -> Response[str]:
    """Lists sessions, subscriptions, open invoices, charges and disputes, newest first."""
    sandbox = sandbox_of(request)
    account = sandbox.account
    return render_page(
        "home.html",
        here="/",
        said=said,
        owners=OwnerIndex(account),
        plans={sub.id: _plan(account, sub) for sub in account.subscriptions},
        sessions=account.sessions.newest_first()[:_SHOWN],
        subscriptions=account.subscriptions.newest_first()[:_SHOWN],
        invoices=[i for i in account.invoices.newest_first() if i.status == "open"][:_SHOWN],
        charges=account.charges.newest_first()[:_SHOWN],
        refunds=[(r, refunds.next_statuses(r)) for r in account.refunds.newest_first()[:_SHOWN]],
        disputes=[(d, disputes.next_statuses(d)) for d in account.disputes.newest_first()[:_SHOWN]],
        warnings=[w for w in account.warnings.newest_first() if w.actionable][:_SHOWN],
        reviews=[r for r in account.reviews.newest_first() if r.closed_reason is None][:_SHOWN],
        endpoints=list(account.endpoints),
        mails=len(sandbox.mailbox.messages()),
        outage=sandbox.outage.current(),
    )


@get("/deliveries")
async def deliveries(request: SandboxRequest, said: FromQuery[str] = "") -> Response[str]:
    """Lists deliveries with their receivers and every attempt."""
    sandbox = sandbox_of(request)
    owners = OwnerIndex(sandbox.account)
    shown = [
        (row, _told_owner(sandbox, owners, row))
        for row in sandbox.dispatcher.delivery_log.newest_first()[:_DELIVERIES_SHOWN]
    ]
    return render_page("deliveries.html", here="/deliveries", deliveries=shown, said=said)


@post("/desk/{noun:str}/{row_id:str}/{verb:str}", status_code=303)
async def run_action(
    request: SandboxRequest, noun: FromPath[str], row_id: FromPath[str], verb: FromPath[str]
) -> Response[Any]:
    """Runs the action of a button with the form's fields, then redirects back with a sentence."""
    form = dict(parse_qsl((await request.body()).decode()))
    back = form.pop("back", "/")
    action = ACTIONS[noun, verb]
    said = f"{noun} {verb}: done"
    try:
        action.run(sandbox_of(request), row_id, msgspec.convert(form, action.params, strict=False))
    except (StripeApiError, msgspec.ValidationError) as error:
        said = str(error)
    return see_other(f"{back if back in _RETURN_PATHS else '/'}?{urlencode({'said': said})}")


def _told_owner(sandbox: Sandbox, owners: OwnerIndex, row: WebhookDelivery) -> ObjectOwner:
    """The owner of what a delivery is about: an event's object, or the order of a warehouse's callback."""
    event, callback = sandbox.account.events.get(row.subject), sandbox.warehouse.callbacks.get(row.subject)
    if event is not None:
        return owners.of(event.stored_object)
    return owners.of_sale(callback.sale) if callback else ObjectOwner()


def _plan(account: SandboxAccount, sub: Subscription) -> str:
    prices = [(item.quantity, account.prices[item.price]) for item in sub.items]
    return ", ".join(format_count(count, account.products[price.product].name) for count, price in prices)


HANDLERS = [home, deliveries, run_action]
