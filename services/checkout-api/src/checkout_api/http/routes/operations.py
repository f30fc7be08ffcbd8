"""Operations routes: liveness, readiness and metrics, for orchestrators and Prometheus."""

from litestar import Response, get
from litestar.di import NamedDependency

from egpay.runtime.readiness import Health, Readiness
from egpay.telemetry.metrics import CONTENT_TYPE, Metrics

_NO_STORE = {"cache-control": "no-store"}


@get("/livez")
async def livez() -> Response[Health]:
    """The process answers; no restart would help while it does."""
    return Response(Health("ok"), headers=_NO_STORE)


@get("/readyz")
async def readyz(readiness: NamedDependency[Readiness]) -> Response[Health]:
    """Whether it should be sent work, with what is missing when it should not (503) or works in part (degraded)."""
    health = await readiness()
    return Response(health, status_code=health.http_status, headers=_NO_STORE)


@get("/metrics")
async def metrics(numbers: NamedDependency[Metrics]) -> Response[bytes]:
    """Prometheus text, of all processes behind this port."""
    return Response(numbers.render(), media_type=CONTENT_TYPE.removesuffix("; charset=utf-8"))
