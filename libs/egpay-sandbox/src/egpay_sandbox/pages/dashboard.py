"""The home page: everything that happened, and buttons for what may happen next."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from egpay_sandbox.control.actions import ACTIONS
from egpay_sandbox.pages.templates import page, see_other
from egpay_sandbox.request_values import SandboxRequest, world_of
from egpay_sandbox.stripe.api_errors import StripeApiError

_SHOWN = 20
_PLACES = ("/", "/warehouse", "/deliveries")


@get("/")
async def home(request: SandboxRequest, said: FromQuery[str] = "") -> Response[str]:
    """Sessions, subscriptions, open invoices, charges and disputes, newest first."""
    world = world_of(request)
    account = world.account
    return page(
        "home.html",
        said=said,
        sessions=account.sessions.newest_first()[:_SHOWN],
        subscriptions=account.subscriptions.newest_first()[:_SHOWN],
        invoices=[i for i in account.invoices.newest_first() if i.status == "open"][:_SHOWN],
        charges=account.charges.newest_first()[:_SHOWN],
        disputes=account.disputes.newest_first()[:_SHOWN],
        endpoints=list(account.endpoints),
        mails=len(world.inbox.messages()),
        outage=world.outage.current(),
    )


@get("/deliveries")
async def deliveries(request: SandboxRequest, said: FromQuery[str] = "") -> Response[str]:
    """What was told to whom, with every attempt."""
    shown = world_of(request).courier.ledger.newest_first()[:200]
    return page("deliveries.html", deliveries=shown, said=said)


@post("/desk/{noun:str}/{row_id:str}/{verb:str}", status_code=303)
async def press(
    request: SandboxRequest, noun: FromPath[str], row_id: FromPath[str], verb: FromPath[str]
) -> Response[Any]:
    """A button on one of the pages: a deed with the form's fields, then back with a sentence."""
    form = dict(parse_qsl((await request.body()).decode()))
    back = form.pop("back", "/")
    deed = ACTIONS[noun, verb]
    said = f"{noun} {verb}: done"
    try:
        deed.run(world_of(request), row_id, msgspec.convert(form, deed.wish, strict=False))
    except (StripeApiError, msgspec.ValidationError) as refused:
        said = str(refused)
    return see_other(f"{back if back in _PLACES else '/'}?{urlencode({'said': said})}")


HANDLERS = [home, deliveries, press]
