"""What whoever runs the service asks it: are you alive, should you get work, how much have you done."""

from collections.abc import Mapping

from litestar import Response, get
from litestar.di import NamedDependency

from egpay.runtime.readiness import Check, readiness
from egpay.telemetry.metrics import CONTENT_TYPE, Metrics


@get("/livez")
async def livez() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@get("/readyz")
async def readyz(checks: NamedDependency[Mapping[str, Check]]) -> Response[dict[str, str]]:
    """Whether it should be sent work, with what is missing when it should not."""
    found = await readiness(checks)
    return Response({"status": "ready", **found}, headers={"cache-control": "no-store"})


@get("/metrics")
async def metrics(numbers: NamedDependency[Metrics]) -> Response[bytes]:
    """Prometheus text, of all processes behind this port."""
    return Response(numbers.render(), media_type=CONTENT_TYPE.removesuffix("; charset=utf-8"))
