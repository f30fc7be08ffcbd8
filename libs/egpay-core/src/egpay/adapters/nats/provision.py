"""The broker is prepared before the services start, by one who may; the services themselves need no such rights."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict
from typing import Any

from nats.errors import Error, NoRespondersError
from nats.js.api import ConsumerConfig, StreamConfig
from nats.js.errors import APIError, NotFoundError
from nats.js.manager import JetStreamManager

from egpay.adapters.nats import layout
from egpay.adapters.nats.connection import Connection, connected
from egpay.domain.errors import Defect, Outage


async def provision(nats_url: str, *, replicas: int = 1, within: float = 5.0) -> list[str]:
    """Create or update the stream and its consumers; return what was done, nothing when all was as it should be.

    `replicas` is 3 on a cluster. Messages that are already there stay. Raises Outage when there is no connection
    `within` so many seconds, and Defect when the broker refuses (a setting that cannot be changed in place).
    """
    async with _connected(nats_url, within) as connection, _manager(connection) as js:
        done = []
        if found := await _stream_drift(js, replicas):
            wanted = layout.stream(replicas)
            await (js.add_stream(wanted) if found == _MISSING else js.update_stream(wanted))
            done.append(f"stream {layout.STREAM}: {found}")
        for wanted_consumer in layout.consumers():
            if found := await _consumer_drift(js, wanted_consumer):
                await js.add_consumer(layout.STREAM, wanted_consumer)
                done.append(f"consumer {wanted_consumer.name}: {found}")
        return done


async def drift(nats_url: str, *, replicas: int = 1, within: float = 5.0) -> list[str]:
    """What `provision` would change, one line each, for `egpay doctor`. Changes nothing; raises as `provision` does."""
    async with _connected(nats_url, within) as connection, _manager(connection) as js:
        found = {f"stream {layout.STREAM}": await _stream_drift(js, replicas)}
        for wanted in layout.consumers():
            found[f"consumer {wanted.name}"] = await _consumer_drift(js, wanted)
        return [f"{what}: {how}" for what, how in found.items() if how]


async def lag(nats_url: str, *, within: float = 5.0) -> dict[str, int]:
    """What `lag_of` tells, over a connection of its own."""
    async with _connected(nats_url, within) as connection:
        return await lag_of(connection)


async def lag_of(connection: Connection) -> dict[str, int]:
    """Messages that each consumer has not acknowledged yet, waiting and in work.

    Raises Outage when the broker does not answer, Defect when it was never laid out.
    """
    async with _manager(connection) as js:
        infos = [await js.consumer_info(layout.STREAM, str(wanted.name)) for wanted in layout.consumers()]
        return {info.name: (info.num_pending or 0) + (info.num_ack_pending or 0) for info in infos}


_MISSING = "was missing"


def _connected(nats_url: str, within: float) -> AbstractAsyncContextManager[Connection]:
    return connected(nats_url, name="egpay operator", within=within)


@asynccontextmanager
async def _manager(connection: Connection) -> AsyncIterator[JetStreamManager]:
    try:
        yield connection.client.jsm(timeout=5)
    except (TimeoutError, NoRespondersError) as error:
        raise Outage("JetStream does not answer") from error
    except NotFoundError as error:
        raise Defect("the broker is not prepared; `egpay migrate` does that") from error
    except APIError as error:
        if error.code == 503:
            raise Outage(f"JetStream is not ready: {error.description}") from error
        raise Defect(f"JetStream refuses: {error.description} ({error.err_code})") from error
    except Error as error:
        raise Outage(f"the broker does not answer ({type(error).__name__})") from error


async def _stream_drift(js: JetStreamManager, replicas: int) -> str:
    try:
        info = await js.stream_info(layout.STREAM)
    except NotFoundError:
        return _MISSING
    return _difference(layout.stream(replicas), info.config)


async def _consumer_drift(js: JetStreamManager, wanted: ConsumerConfig) -> str:
    try:
        info = await js.consumer_info(layout.STREAM, str(wanted.name))
    except NotFoundError:
        return _MISSING
    return _difference(wanted, info.config)


def _difference(wanted: StreamConfig | ConsumerConfig, actual: StreamConfig | ConsumerConfig) -> str:
    """What we ask for and the server has otherwise; what we leave open is its business."""
    have = _settings(actual)
    return ", ".join(
        f"{name} was {have.get(name)!r} instead of {value!r}"
        for name, value in _settings(wanted).items()
        if value not in (None, False, have.get(name)) and not (value == -1 and have.get(name) is None)
    )


def _settings(config: StreamConfig | ConsumerConfig) -> dict[str, Any]:
    settings = asdict(config)
    for name in ("filter_subject", "filter_subjects"):
        settings.setdefault(name, None)
    # the server answers a single filter in the older field
    settings["filter_subjects"] = settings["filter_subjects"] or [settings["filter_subject"]]
    return settings
