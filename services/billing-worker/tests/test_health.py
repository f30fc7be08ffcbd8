"""What whoever watches over a worker is told: alive, or to be started anew."""

from collections.abc import Callable, MutableMapping
from typing import Any

import msgspec
import pytest

from billing_worker.health import health_routes
from egpay.runtime.readiness import Readiness
from egpay.telemetry.metrics import Metrics


async def asked(path: str, stuck: Callable[[], str | None]) -> tuple[int, Any]:
    said: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    handler = dict(health_routes(Readiness({}), Metrics(), stuck))[path]
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    await handler(scope, receive, send)
    return said[0]["status"], msgspec.json.decode(said[1]["body"])


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (None, 200, {"status": "ok", "checks": {}}),
        (
            "no commands come, for 61 s",
            503,
            {"status": "unavailable", "checks": {"commands": "no commands come, for 61 s"}},
        ),
    ],
)
async def test_livez_fails_when_only_a_new_process_would_help(
    fault: str | None, status: int, body: dict[str, object]
) -> None:
    assert await asked("/livez", lambda: fault) == (status, body)


async def test_being_stuck_is_no_matter_of_readiness() -> None:
    assert (await asked("/readyz", lambda: "no commands come, for 61 s"))[0] == 200
