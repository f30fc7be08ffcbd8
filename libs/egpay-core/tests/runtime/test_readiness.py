import asyncio

from egpay.domain.errors import Outage
from egpay.runtime.readiness import Health, Readiness


async def fine() -> None:
    """It answers."""


async def away() -> None:
    raise Outage("not connected")


async def silent() -> None:
    await asyncio.Event().wait()


async def test_a_process_is_ok_when_every_check_passes() -> None:
    assert await Readiness({"database": fine}, {"broker": fine})() == Health(
        "ok", {"database": "ok", "broker": "ok"}
    )


async def test_what_it_can_do_without_only_degrades_it() -> None:
    health = await Readiness({"database": fine}, {"broker": away})()
    assert health == Health("degraded", {"database": "ok", "broker": "not connected"})
    assert health.http_status == 200


async def test_what_it_needs_takes_it_out_of_service() -> None:
    health = await Readiness({"database": away}, {"broker": away})()
    assert (health.status, health.http_status) == ("unavailable", 503)


async def test_a_check_that_never_answers_is_given_up() -> None:
    health = await Readiness({"database": silent}, timeout=0.01)()
    assert health.checks == {"database": "no answer within 0.01 s"}
