"""Dashboard: the home page with everything that happened and buttons for what may happen next."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from egpay_sandbox.control.actions import ACTIONS
from egpay_sandbox.pages.page_rendering import render_page, see_other
from egpay_sandbox.request_values import SandboxRequest, sandbox_of
from egpay_sandbox.stripe import disputes, refunds
from egpay_sandbox.stripe.api_errors import StripeApiError

_SHOWN = 20
_RETURN_PATHS = ("/", "/warehouse", "/deliveries")


@get("/")
async def home(request: SandboxRequest, said: FromQuery[str] = "") -> Response[str]:
    """Lists sessions, subscriptions, open invoices, charges and disputes, newest first."""
    sandbox = sandbox_of(request)
    account = sandbox.account
    return render_page(
        "home.html",
        said=said,
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
    shown = sandbox_of(request).dispatcher.delivery_log.newest_first()[:200]
    return render_page("deliveries.html", deliveries=shown, said=said)


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


HANDLERS = [home, deliveries, run_action]
