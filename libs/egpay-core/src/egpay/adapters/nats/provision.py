"""JetStream provisioning: creates stream and consumers, so that the services need no rights to do so."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, replace

import msgspec
from nats.errors import Error, NoRespondersError
from nats.js.api import ConsumerConfig, StreamConfig
from nats.js.errors import APIError, NotFoundError
from nats.js.manager import JetStreamManager

from egpay.adapters.nats import subjects, topology
from egpay.adapters.nats.connection import Connection, connected
from egpay.adapters.nats.permissions import OPERATOR
from egpay.domain.errors import Defect, Outage


async def provision(
    nats_url: str, *, replicas: int = 1, within: float = 5.0, ca_file: str | None = None
) -> list[str]:
    """Create the stream and its consumers, or widen them; return what was done, empty if nothing was.

    `replicas` is 3 on a cluster. Messages that are already there stay. Raises Outage when there is no
    connection `within` so many seconds, and Defect when the broker refuses (a setting that cannot be changed
    in place).
    """
    async with _connected(nats_url, within, ca_file) as connection, _manager(connection) as js:
        done = {f"stream {one.name}": await _widen_stream(js, one) for one in topology.streams(replicas)}
        for stream, wanted in topology.durable_consumers():
            done[f"consumer {wanted.name}"] = await _widen_consumer(js, stream, wanted)
        return [f"{what}: {how}" for what, how in done.items() if how]


async def drift(
    nats_url: str, *, replicas: int = 1, within: float = 5.0, ca_file: str | None = None
) -> list[str]:
    """What `provision` would change, one line each, for `egpay doctor`.

    Changes nothing; raises as `provision` does.
    """
    async with _connected(nats_url, within, ca_file) as connection, _manager(connection) as js:
        found = {
            f"stream {one.name}": _drift(one, await _stream(js, str(one.name)))
            for one in topology.streams(replicas)
        }
        for stream, wanted in topology.durable_consumers():
            found[f"consumer {wanted.name}"] = _drift(wanted, await _consumer(js, stream, wanted))
        return [f"{what}: {how}" for what, how in found.items() if how]


async def lag(nats_url: str, *, within: float = 5.0, ca_file: str | None = None) -> dict[str, int]:
    """Consumer lag as `lag_of` returns it, over a connection of its own."""
    async with _connected(nats_url, within, ca_file) as connection:
        return await lag_of(connection)


async def lag_of(connection: Connection) -> dict[str, int]:
    """Consumer lag: how many messages each consumer has not acknowledged yet, pending and in work.

    Raises Outage when the broker does not answer, Defect when it was never provisioned.
    """
    async with _manager(connection) as js:
        infos = [await js.consumer_info(topology.STREAM, spec.name) for spec in topology.CONSUMERS]
        return {info.name: (info.num_pending or 0) + (info.num_ack_pending or 0) for info in infos}


_MISSING = "was missing"


def _connected(nats_url: str, within: float, ca_file: str | None) -> AbstractAsyncContextManager[Connection]:
    return connected(
        nats_url,
        name="egpay operator",
        inbox_prefix=OPERATOR.inbox_prefix,
        ca_file=ca_file,
        within=within,
    )


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


async def _widen_stream(js: JetStreamManager, wanted: StreamConfig) -> str:
    """Create it, or update it without removing a subject: an older release may still publish there."""
    actual = await _stream(js, str(wanted.name))
    found = _drift(wanted, actual)
    if actual is None:
        await js.add_stream(wanted)
    elif found:
        await js.update_stream(replace(wanted, subjects=subjects.union(actual.subjects, wanted.subjects)))
    return found


async def _widen_consumer(js: JetStreamManager, stream: str, wanted: ConsumerConfig) -> str:
    """The same; what a newer release added to a filter survives an `egpay migrate` of an older one."""
    actual = await _consumer(js, stream, wanted)
    if found := _drift(wanted, actual):
        filters = subjects.union(_filters(actual), _filters(wanted)) if actual else _filters(wanted)
        await js.add_consumer(stream, replace(wanted, filter_subjects=filters or None))
        return found
    return ""


async def _stream(js: JetStreamManager, name: str) -> StreamConfig | None:
    try:
        found: StreamConfig = (await js.stream_info(name)).config
    except NotFoundError:
        return None
    return found


async def _consumer(js: JetStreamManager, stream: str, wanted: ConsumerConfig) -> ConsumerConfig | None:
    try:
        found: ConsumerConfig = (await js.consumer_info(stream, str(wanted.name))).config
    except NotFoundError:
        return None
    return found


def _drift(wanted: StreamConfig | ConsumerConfig, actual: StreamConfig | ConsumerConfig | None) -> str:
    """What we want and the server lacks; what it has beyond that, or what we leave unset, is ignored."""
    if actual is None:
        return _MISSING
    have = asdict(actual)
    different = [
        f"{name} was {have.get(name)!r} instead of {value!r}"
        for name, value in asdict(wanted).items()
        if name not in _SUBJECTS
        and value not in (None, False, have.get(name))
        and not (value == -1 and have.get(name) is None)
    ]
    if missing := subjects.missing(_filters(wanted), _filters(actual)):
        different.append(f"{', '.join(missing)} missing of its subjects")
    return ", ".join(different)


_SUBJECTS = ("subjects", "filter_subject", "filter_subjects")


def _filters(config: StreamConfig | ConsumerConfig) -> list[str]:
    """Subjects of a stream or filters of a consumer; the server returns a single one in the older field."""
    if isinstance(config, StreamConfig):
        return list(config.subjects or [])
    return list(config.filter_subjects or ([config.filter_subject] if config.filter_subject else []))


class JetStreamIdleConsumers(msgspec.Struct, frozen=True):
    """Port `IdleConsumers` over the durable consumers of the stream."""

    connection: Connection

    async def idle(self) -> Mapping[str, Sequence[str]]:
        """Those without a message that waits or is not acknowledged; one that was put off counts as in work."""
        behind = await lag_of(self.connection)
        return {spec.name: list(spec.subjects) for spec in topology.CONSUMERS if not behind[spec.name]}
