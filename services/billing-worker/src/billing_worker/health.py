"""Liveness, readiness and numbers of a worker, for whoever starts, watches and scales it."""

from collections.abc import Callable, Mapping

import msgspec
from faststream.asgi import AsgiResponse, HttpHandler, Request, get

from billing_worker.asyncapi import document
from egpay.adapters.postgres.connection.pool import Pool
from egpay.adapters.postgres.connection.schema_version import behind
from egpay.domain.errors import Outage
from egpay.runtime.readiness import Check, NotReady, readiness
from egpay.runtime.supervisor import Supervisor
from egpay.telemetry.metrics import CONTENT_TYPE, Metrics


def health_routes(
    checks: Mapping[str, Check], metrics: Metrics, stuck: Callable[[], str | None]
) -> list[tuple[str, HttpHandler]]:
    """`/livez`: the loop turns, or 503 with why only a new process would help; `/readyz`: what it leans on answers, or
    503 with what does not; `/metrics`; and `/asyncapi.json`: which messages it takes."""
    description = msgspec.json.encode(document())

    @get
    async def livez(_: Request) -> AsgiResponse:
        fault = stuck()
        body = msgspec.json.encode({"status": "stuck", "reason": fault} if fault else {"status": "ok"})
        return AsgiResponse(body, 503 if fault else 200, {"content-type": "application/json"})

    @get
    async def readyz(_: Request) -> AsgiResponse:
        try:
            found, status = await readiness(checks), 200
        except NotReady as fault:
            found, status = fault.checks, 503
        body = msgspec.json.encode({"status": "ok" if status == 200 else "unavailable", "checks": found})
        return AsgiResponse(body, status, {"content-type": "application/json", "cache-control": "no-store"})

    @get
    async def numbers(_: Request) -> AsgiResponse:
        return AsgiResponse(metrics.render(), 200, {"content-type": CONTENT_TYPE})

    @get
    async def messages(_: Request) -> AsgiResponse:
        return AsgiResponse(description, 200, {"content-type": "application/json"})

    return [("/livez", livez), ("/readyz", readyz), ("/metrics", numbers), ("/asyncapi.json", messages)]


def database_check(pool: Pool) -> Check:
    """The database answers, and has what this version needs."""

    async def check() -> None:
        if fault := await behind(pool):
            raise Outage(fault)

    return check


def task_check(*supervisors: Supervisor) -> Check:
    """Everything that runs in the background runs."""

    async def check() -> None:
        faults = [f"{task}: {fault}" for each in supervisors for task, fault in each.faults().items()]
        if faults:
            raise Outage(", ".join(faults))

    return check
