"""Liveness, readiness and metrics routes of the worker, with its readiness checks."""

from collections.abc import Callable

import msgspec
from faststream.asgi import AsgiResponse, HttpHandler, Request, get

from billing_worker.asyncapi import document
from egpay.adapters.postgres.connection.pool import Pool
from egpay.adapters.postgres.connection.schema_version import behind
from egpay.domain.errors import Outage
from egpay.runtime.readiness import Check, Health, Readiness
from egpay.runtime.supervisor import Supervisor
from egpay.telemetry.metrics import CONTENT_TYPE, Metrics


def health_routes(
    readiness: Readiness, metrics: Metrics, stuck: Callable[[], str | None]
) -> list[tuple[str, HttpHandler]]:
    """`/livez`: 503 when only a new process would help; `/readyz`: 503 when a dependency is away; `/metrics`; and
    `/asyncapi.json`: the messages on the broker."""
    description = msgspec.json.encode(document())

    @get
    async def livez(_: Request) -> AsgiResponse:
        fault = stuck()
        return _answer(Health("unavailable", {"commands": fault}) if fault else Health("ok"))

    @get
    async def readyz(_: Request) -> AsgiResponse:
        return _answer(await readiness())

    @get
    async def numbers(_: Request) -> AsgiResponse:
        return AsgiResponse(metrics.render(), 200, {"content-type": CONTENT_TYPE})

    @get
    async def messages(_: Request) -> AsgiResponse:
        return AsgiResponse(description, 200, {"content-type": "application/json"})

    return [("/livez", livez), ("/readyz", readyz), ("/metrics", numbers), ("/asyncapi.json", messages)]


def _answer(health: Health) -> AsgiResponse:
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return AsgiResponse(msgspec.json.encode(health), health.http_status, headers)


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
