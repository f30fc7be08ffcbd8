"""Routes that make things happen at Stripe and tell what really happened."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from egpay_sandbox.control.actions import ACTIONS
from egpay_sandbox.request_values import SandboxRequest, body_as, world_of
from egpay_sandbox.sandbox import reset
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.scheduled_jobs import run_due
from egpay_sandbox.stripe.state_snapshot import truth
from egpay_sandbox.stripe.webhook_endpoints import valid_secrets


class ClockParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Seconds to move Stripe's clock forward."""

    advance: float


class SettingsParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The account's settings that may be changed while it runs; see `stripe.account_settings`."""

    aftermath_delay: float | None = None
    pending_debit_subscription: str | None = None
    after_last_retry: str | None = None
    retries: int | None = None


@post("/sandbox/{noun:str}/{row_id:str}/{verb:str}", status_code=200)
async def do(
    request: SandboxRequest, noun: FromPath[str], row_id: FromPath[str], verb: FromPath[str]
) -> dict[str, Any]:
    """Do one of the deeds, such as `subscriptions/sub_.../renew`."""
    deed = ACTIONS.get((noun, verb))
    if deed is None:
        known = ", ".join(sorted(f"{n}/{{id}}/{v}" for n, v in ACTIONS))
        raise StripeApiError(f"Unknown deed {noun}/{verb}; known are {known}.", status=404)
    return deed.run(world_of(request), row_id, await body_as(request, deed.wish))


@get("/sandbox/truth")
async def show_truth(request: SandboxRequest) -> dict[str, Any]:
    """What really happened, to compare egpay's books with."""
    return truth(world_of(request).account)


@get("/sandbox/endpoints")
async def endpoints(request: SandboxRequest) -> list[dict[str, Any]]:
    """Every endpoint with the secrets that sign now."""
    account = world_of(request).account
    return [
        {
            "id": e.id,
            "url": e.url,
            "api_version": e.api_version,
            "enabled_events": e.enabled_events,
            "disabled": e.disabled,
            "secrets": valid_secrets(account, e),
        }
        for e in account.endpoints
    ]


@post("/sandbox/clock", status_code=200)
async def move_clock(request: SandboxRequest) -> dict[str, Any]:
    """Move Stripe's clock; what became due happens before the answer."""
    world = world_of(request)
    world.clock.advance((await body_as(request, ClockParams)).advance)
    return {"now": world.clock.now(), "ahead": world.clock.ahead, "happened": run_due(world.account)}


@post("/sandbox/settings", status_code=200)
async def settle_habits(request: SandboxRequest) -> dict[str, Any]:
    """Change how this account behaves where Stripe leaves a choice."""
    settings = world_of(request).account.settings
    wish = msgspec.structs.asdict(await body_as(request, SettingsParams))
    try:
        settings.change({name: value for name, value in wish.items() if value is not None})
    except ValueError as error:
        raise StripeApiError(str(error)) from None
    return settings.shown()


@post("/sandbox/reset", status_code=200)
async def start_over(request: SandboxRequest) -> dict[str, Any]:
    """Forget everything."""
    await reset(world_of(request))
    return {"reset": True}


@get("/livez", sync_to_thread=False)
def livez() -> Response[str]:
    """200 while the process answers."""
    return Response("ok", media_type="text/plain")


HANDLERS = [
    do,
    show_truth,
    endpoints,
    move_clock,
    settle_habits,
    start_over,
    livez,
]
