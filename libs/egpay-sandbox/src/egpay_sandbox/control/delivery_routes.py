"""Delivery routes: list attempts, configure chaos, release held deliveries."""

import random
from typing import Annotated, Any, Literal

import msgspec
from litestar import get, post, put
from litestar.params import FromPath, FromQuery, QueryParameter

from egpay_sandbox.delivery.chaos import ChaosSettings
from egpay_sandbox.delivery.delivery_log import Channel, WebhookDelivery
from egpay_sandbox.request_values import SandboxRequest, body_as, sandbox_of
from egpay_sandbox.stripe.api_errors import StripeApiError


class ReleaseParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Held deliveries to release, and their order: as emitted, backwards, or shuffled with a seed.

    `types` picks some event types; `ids` picks event ids and gives the order itself. `keep_holding` leaves
    the hold in force for what comes next.
    """

    order: Literal["told", "reversed", "shuffled"] = "told"
    seed: int | None = None
    types: list[str] | None = None
    ids: list[str] | None = None
    one_by_one: bool = False
    keep_holding: bool = False


@get("/sandbox/chaos")
async def show_chaos(request: SandboxRequest) -> dict[str, Any]:
    """Shows the chaos settings of both channels."""
    chaos = sandbox_of(request).chaos
    return {"stripe": chaos.settings("stripe"), "warehouse": chaos.settings("warehouse")}


@put("/sandbox/chaos/{channel:str}")
async def set_chaos(request: SandboxRequest, channel: FromPath[str]) -> dict[str, Any]:
    """Sets all chaos settings of a channel; one that is not named returns to calm."""
    settings = await body_as(request, ChaosSettings)
    sandbox_of(request).chaos.configure(_channel(channel), settings)
    return msgspec.structs.asdict(settings)


@post("/sandbox/chaos/{channel:str}/release", status_code=200)
async def release(request: SandboxRequest, channel: FromPath[str]) -> dict[str, Any]:
    """Releases held deliveries."""
    sandbox, params, name = sandbox_of(request), await body_as(request, ReleaseParams), _channel(channel)
    settings = sandbox.chaos.settings(name)
    settings.hold = settings.hold and params.keep_holding
    held = [
        d
        for d in reversed(sandbox.dispatcher.delivery_log.newest_first())
        if d.channel == name
        and d.state == "held"
        and (params.types is None or d.type in params.types)
        and (params.ids is None or d.subject in params.ids)
    ]
    ordered = _ordered(held, params)
    sandbox.dispatcher.release(ordered, one_by_one=params.one_by_one)
    return {"released": [d.subject for d in ordered]}


@get("/sandbox/deliveries")
async def deliveries(
    request: SandboxRequest,
    subject: FromQuery[str | None] = None,
    kind: Annotated[str | None, QueryParameter(name="type")] = None,
    in_state: Annotated[str | None, QueryParameter(name="state")] = None,
    channel: FromQuery[str | None] = None,
    limit: FromQuery[int] = 1000,
) -> list[WebhookDelivery]:
    """Lists deliveries with attempts, newest first, by `subject` (event id), `type`, `state`, `channel`."""
    found = [
        d
        for d in sandbox_of(request).dispatcher.delivery_log.newest_first()
        if subject in (None, d.subject)
        and kind in (None, d.type)
        and in_state in (None, d.state)
        and channel in (None, d.channel)
    ]
    return found[:limit]


def _channel(name: str) -> Channel:
    match name:
        case "stripe" | "warehouse":
            return name
        case _:
            raise StripeApiError(f"No such channel: {name}", status=404)


def _ordered(held: list[WebhookDelivery], params: ReleaseParams) -> list[WebhookDelivery]:
    if params.ids is not None:
        places = {event_id: place for place, event_id in enumerate(params.ids)}
        return sorted(held, key=lambda delivery: places[delivery.subject])
    match params.order:
        case "told":
            return held
        case "reversed":
            return held[::-1]
        case "shuffled":
            random.Random(params.seed).shuffle(held)  # noqa: S311 - repeatable, no secret
            return held


HANDLERS = [show_chaos, set_chaos, release, deliveries]
