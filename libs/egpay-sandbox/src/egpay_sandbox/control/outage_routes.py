"""Outage routes: take Stripe's API down and bring it back."""

from typing import Any

import msgspec
from litestar import delete, get, post

from egpay_sandbox.api.outage import OutagePlan
from egpay_sandbox.request_values import SandboxRequest, body_as, sandbox_of


@post("/sandbox/outage", status_code=200)
async def begin_outage(request: SandboxRequest) -> dict[str, Any]:
    """Starts an outage of the API."""
    plan = await body_as(request, OutagePlan)
    sandbox_of(request).outage.begin(plan)
    return msgspec.structs.asdict(plan)


@get("/sandbox/outage")
async def current_outage(request: SandboxRequest) -> dict[str, Any]:
    """Shows the outage in force."""
    plan = sandbox_of(request).outage.current()
    return {"outage": None if plan is None else msgspec.structs.asdict(plan)}


@delete("/sandbox/outage", status_code=200)
async def lift_outage(request: SandboxRequest) -> dict[str, Any]:
    """Ends the outage."""
    sandbox_of(request).outage.end()
    return {"outage": None}


HANDLERS = [begin_outage, current_outage, lift_outage]
