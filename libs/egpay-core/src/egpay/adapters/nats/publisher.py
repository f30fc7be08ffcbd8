"""JetStream publisher: stores a batch of messages atomically, with one fsync for the whole batch.

JetStream acknowledges an *atomic batch* (ADR-50, nats-server 2.12) once, when all of it is stored. Messages
carry no Nats-Msg-Id: one repeated id would reject a whole batch (error 10201), and a message that is replayed
on purpose within the duplicate window would be swallowed. The receiver detects a repeated message by its own
id.
"""

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec
from nats.aio.client import Client
from nats.errors import Error, NoRespondersError

from egpay.adapters.nats.connection import Connection
from egpay.adapters.nats.subjects import covers
from egpay.adapters.nats.topology import PUBLISHERS
from egpay.adapters.wire import MESSAGE_ID
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.outbox import OutboxMessage, Unpublishable

_LARGEST_BATCH = 1000  # the server's own limit
_BATCHES_DISABLED = 10174
_INCOMPLETE = 10176
_TOO_LARGE_FOR_STREAM = 10054
_OF_ONE_MESSAGE = frozenset({_INCOMPLETE, _TOO_LARGE_FOR_STREAM})
"""Errors of a batch that one of its messages may have caused: an incomplete one lacks what no stream took."""

_HEADERS = 256
"""Bytes of a message's headers, at most, without its id and trace: the server's limit is for headers and payload."""

_SUBJECT = re.compile(r"[^\s.*>\x00-\x20]+(\.[^\s.*>\x00-\x20]+)*")
_FEW = 8
"""Up to so many messages are published one by one, all in flight at once.

nats-server 2.15 spends 2.5 ms on a batch of any size (it stages one until it is whole), and 0.25 ms, an
fsync, on a message."""
_log = logging.getLogger(__name__)


class _Refused(msgspec.Struct):
    description: str = ""
    err_code: int = 0


class _Ack(msgspec.Struct):
    """JetStream's answer to a publish; `batch` is there when all of a batch was stored."""

    error: _Refused | None = None
    batch: str | None = None


_read_ack = msgspec.json.Decoder(_Ack).decode


class JetStreamPublisher:
    """Port `Publisher` over JetStream: publishes in atomic batches, few messages one by one.

    Without batches at the server it also publishes one by one, all in flight at once."""

    def __init__(self, connection: Connection, *, timeout: float = 5.0, recheck: float = 60.0) -> None:
        """No thousand messages take longer than `timeout` seconds. A server without batches is tried again
        after `recheck` seconds, because it may have been upgraded."""
        self._connection = connection
        self._timeout, self._recheck = timeout, recheck
        self._singly_until = 0.0
        self._under_way: set[asyncio.Timeout] = set()
        connection.broken.add(self._give_up)

    async def publish_many(self, messages: Sequence[OutboxMessage]) -> None:
        """Publish, each thousand as one batch, and return once all are on disk.

        Raises Outage, and Unpublishable for messages that the broker will never take; nothing is sent of one
        whose size or form is wrong, because the server closes the connection on it."""
        self._require_publishable(messages)
        for start in range(0, len(messages), _LARGEST_BATCH):
            await self._publish(messages[start : start + _LARGEST_BATCH])

    async def _publish(self, messages: Sequence[OutboxMessage]) -> None:
        client = self._connection.client
        try:
            async with asyncio.timeout(self._timeout) as limit:
                self._under_way.add(limit)
                await self._send(client, messages)
        except NoRespondersError as error:
            raise Outage("no stream takes our messages; `egpay migrate` lays it out") from error
        except TimeoutError as error:
            raise Outage("the broker did not answer in time") from error
        except Error as error:
            raise Outage(f"the broker does not take messages ({type(error).__name__})") from error
        finally:
            self._under_way.discard(limit)

    def _give_up(self) -> None:
        """The connection is lost: what is in flight will not be answered."""
        for limit in self._under_way:
            if not limit.expired():
                limit.reschedule(0)

    def _require_publishable(self, messages: Sequence[OutboxMessage]) -> None:
        largest = self._connection.client.max_payload
        reasons = {message.id: why for message in messages if (why := _unfit(message, largest))}
        if reasons:
            raise Unpublishable(reasons)

    async def _send(self, client: Client, messages: Sequence[OutboxMessage]) -> None:
        together = len(messages) > _FEW and time.monotonic() >= self._singly_until
        if not together or not await self._send_together(client, messages):
            await self._send_singly(client, messages)

    async def _send_together(self, client: Client, messages: Sequence[OutboxMessage]) -> bool:
        """Publish one batch; False when each message is to be published alone instead.

        The server has stored none of it, or (before 2.12, where the headers mean nothing) any part of it."""
        batch = uuid.uuid4().hex
        for sequence, message in enumerate(messages[:-1], start=1):
            place = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(sequence)}
            await client.publish(message.subject, message.payload, headers=_headers(message, place))
        last = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(len(messages)), "Nats-Batch-Commit": "1"}
        try:
            ack = await self._request(client, messages[-1], last)
        except NoRespondersError:
            return False
        code = ack.error.err_code if ack.error else 0
        if code in _OF_ONE_MESSAGE:
            return False
        if code == _BATCHES_DISABLED or (ack.error is None and ack.batch != batch):
            _log.warning(
                "the stream takes no atomic batches; `egpay migrate` allows them",
                extra={"action": "atomic_batches_refused"},
            )
            self._singly_until = time.monotonic() + self._recheck
            return False
        _check(ack)
        return True

    async def _send_singly(self, client: Client, messages: Sequence[OutboxMessage]) -> None:
        requests = (self._request(client, message, {}) for message in messages)
        answers = await asyncio.gather(*requests, return_exceptions=True)
        stored = any(isinstance(answer, _Ack) and answer.error is None for answer in answers)
        reasons: dict[MessageId, str] = {}
        for message, answer in zip(messages, answers, strict=True):
            if isinstance(answer, NoRespondersError) and stored and not _is_ours(message.subject):
                reasons[message.id] = "no stream takes its subject"
            elif isinstance(answer, BaseException):
                raise answer
            elif answer.error is not None and answer.error.err_code == _TOO_LARGE_FOR_STREAM:
                reasons[message.id] = "it is larger than the stream takes"
            else:
                _check(answer)
        if reasons:
            raise Unpublishable(reasons)

    async def _request(self, client: Client, message: OutboxMessage, place: Mapping[str, str]) -> _Ack:
        headers = _headers(message, place)
        reply = await client.request(message.subject, message.payload, timeout=self._timeout, headers=headers)
        return _read_ack(reply.data)


def _headers(message: OutboxMessage, place: Mapping[str, str]) -> dict[str, str]:
    headers = {MESSAGE_ID: message.id, **place}
    if message.traceparent:
        headers["traceparent"] = message.traceparent
    return headers


def _unfit(message: OutboxMessage, largest: int) -> str | None:
    """Why the server would refuse it for good, or the receiver would not recognise it; else None."""
    if not _is_sound(message.subject):
        return "its subject is malformed"
    trace = message.traceparent or ""
    if not (message.id + trace).isprintable() or message.id != message.id.strip() or trace != trace.strip():
        return "its id or trace does not fit into a header"
    if len(message.payload) + len(message.id.encode()) + len(trace) + _HEADERS > largest:
        return "it is larger than the broker takes"
    return None


@lru_cache
def _is_sound(subject: str) -> bool:
    return _SUBJECT.fullmatch(subject) is not None


@lru_cache
def _is_ours(subject: str) -> bool:
    return any(covers(pattern, subject) for pattern in PUBLISHERS)


def _check(ack: _Ack) -> None:
    if ack.error is not None:
        raise Outage(f"the broker refuses: {ack.error.description} ({ack.error.err_code})")
