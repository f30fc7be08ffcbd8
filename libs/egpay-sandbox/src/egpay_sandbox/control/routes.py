"""Control routes: make things happen at Stripe and show its true state."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from egpay_sandbox.control.actions import ACTIONS
from egpay_sandbox.request_values import SandboxRequest, body_as, sandbox_of
from egpay_sandbox.sandbox import reset
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.scheduled_jobs import run_due_jobs
from egpay_sandbox.stripe.state_snapshot import state_snapshot
from egpay_sandbox.stripe.webhook_endpoints import active_secrets


class ClockParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Seconds to move Stripe's clock forward."""

    advance: float


class SettingsParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Account settings that may be changed while it runs; see `stripe.account_settings`."""

    aftermath_delay: float | None = None
    debit_delay: float | None = None
    pending_debit_subscription: str | None = None
    after_last_retry: str | None = None
    refund_status: str | None = None
    retries: int | None = None


@post("/sandbox/{noun:str}/{row_id:str}/{verb:str}", status_code=200)
async def run_action(
    request: SandboxRequest, noun: FromPath[str], row_id: FromPath[str], verb: FromPath[str]
) -> dict[str, Any]:
    """Runs one action, such as `subscriptions/sub_.../renew`."""
    action = ACTIONS.get((noun, verb))
    if action is None:
        known = ", ".join(sorted(f"{n}/{{id}}/{v}" for n, v in ACTIONS))
        raise StripeApiError(f"Unknown deed {noun}/{verb}; known are {known}.", status=404)
    return action.run(sandbox_of(request), row_id, await body_as(request, action.params))


@get("/sandbox/truth")
async def show_state(request: SandboxRequest) -> dict[str, Any]:
    """Shows the true state of the account, to compare egpay's books with."""
    return state_snapshot(sandbox_of(request).account)


@get("/sandbox/endpoints")
async def endpoints(request: SandboxRequest) -> list[dict[str, Any]]:
    """Lists every webhook endpoint with the secrets that sign now."""
    account = sandbox_of(request).account
    return [
        {
            "id": e.id,
            "url": e.url,
            "api_version": e.api_version,
            "enabled_events": e.enabled_events,
            "disabled": e.disabled,
            "secrets": active_secrets(account, e),
        }
        for e in account.endpoints
    ]


@post("/sandbox/clock", status_code=200)
async def advance_clock(request: SandboxRequest) -> dict[str, Any]:
    """Moves Stripe's clock; what became due happens before the answer."""
    sandbox = sandbox_of(request)
    sandbox.clock.advance((await body_as(request, ClockParams)).advance)
    return {
        "now": sandbox.clock.now(),
        "ahead": sandbox.clock.ahead,
        "happened": run_due_jobs(sandbox.account),
    }


@post("/sandbox/settings", status_code=200)
async def change_settings(request: SandboxRequest) -> dict[str, Any]:
    """Changes how this account behaves where Stripe leaves a choice."""
    settings = sandbox_of(request).account.settings
    changes = msgspec.structs.asdict(await body_as(request, SettingsParams))
    try:
        settings.update({name: value for name, value in changes.items() if value is not None})
    except ValueError as error:
        raise StripeApiError(str(error)) from None
    return settings.to_dict()


@post("/sandbox/reset", status_code=200)
async def reset_sandbox(request: SandboxRequest) -> dict[str, Any]:
    """Resets the sandbox: removes everything."""
    await reset(sandbox_of(request))
    return {"reset": True}


@get("/livez", sync_to_thread=False)
def livez() -> Response[str]:
    """Liveness: 200 while the process answers."""
    return Response("ok", media_type="text/plain")


HANDLERS = [
    run_action,
    show_state,
    endpoints,
    advance_clock,
    change_settings,
    reset_sandbox,
    livez,
]
