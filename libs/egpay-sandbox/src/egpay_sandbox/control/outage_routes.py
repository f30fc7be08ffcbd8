"""Outage routes: take Stripe's API down and bring it back, or have it refuse what it is asked."""

from typing import Any

import msgspec
from litestar import delete, get, post

from egpay_sandbox.api.outage import OutagePlan
from egpay_sandbox.api.refusal import RefusalPlan
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


@post("/sandbox/refusal", status_code=200)
async def begin_refusal(request: SandboxRequest) -> dict[str, Any]:
    """Starts to refuse calls of the API."""
    plan = await body_as(request, RefusalPlan)
    sandbox_of(request).refusal.begin(plan)
    return msgspec.structs.asdict(plan)


@get("/sandbox/refusal")
async def current_refusal(request: SandboxRequest) -> dict[str, Any]:
    """Shows the refusal in force."""
    plan = sandbox_of(request).refusal.current()
    return {"refusal": None if plan is None else msgspec.structs.asdict(plan)}


@delete("/sandbox/refusal", status_code=200)
async def lift_refusal(request: SandboxRequest) -> dict[str, Any]:
    """Ends the refusal."""
    sandbox_of(request).refusal.end()
    return {"refusal": None}


HANDLERS = [begin_outage, current_outage, lift_outage, begin_refusal, current_refusal, lift_refusal]
