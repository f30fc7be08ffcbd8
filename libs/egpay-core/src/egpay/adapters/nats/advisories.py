"""Dead letters from JetStream advisories: stores what the broker gave up on, so that it is not lost.

Our consumers retry for ever, and a worker dead-letters a message before it terminates it; yet an operator may
set a limit, or terminate a message by hand. The message itself stays in its stream
(docs.nats.io/using-nats/developer/develop_jetstream/consumers).
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias

import msgspec
from nats.aio.msg import Msg
from nats.errors import Error
from nats.js.api import RawStreamMsg
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from egpay.adapters.nats import topology
from egpay.adapters.nats.connection import Connection
from egpay.adapters.wire import MESSAGE_ID
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.dead_letters import DeadLetter

_KINDS = {
    "MAX_DELIVERIES": "the broker gave up after the last allowed delivery",
    "MSG_TERMINATED": "it was ended at the broker by hand",
}
_log = logging.getLogger(__name__)

Keep: TypeAlias = Callable[[DeadLetter, str, datetime], Awaitable[None]]
"""Dead-letter a message, from that place in the stream, given up at that moment, unless it is resolved already.

Raises Outage."""


class _Advisory(msgspec.Struct, frozen=True):
    stream_seq: int
    timestamp: datetime
    consumer: str = ""
    deliveries: int = 1
    reason: str = ""


class NatsAdvisories:
    """Advisory consumer: dead-letters the messages of our stream that the broker will not deliver again."""

    def __init__(self, connection: Connection, *, rest: float = 5.0) -> None:
        """Consume over this connection, pulling again every `rest` seconds."""
        self._connection = connection
        self._rest = rest

    async def run(self, keep: Keep) -> None:
        """Consume until cancelled; raises Outage when the broker is away, and is to be started again then."""
        try:
            js = self._connection.client.jetstream()
            inbox = await js.pull_subscribe_bind(topology.GIVEN_UP.name, stream=topology.ADVISORIES)
            try:
                while True:
                    await self._work(js, inbox, keep)
            finally:
                if self._connection.connected:
                    await inbox.unsubscribe()
        except Error as error:
            raise Outage(f"the broker tells no advisories ({type(error).__name__})") from error

    async def _work(self, js: JetStreamContext, inbox: JetStreamContext.PullSubscription, keep: Keep) -> None:
        try:
            messages = await inbox.fetch(32, timeout=self._rest)
        except TimeoutError:
            return
        for message in messages:
            try:
                await _hand_over(js, message, keep)
            except Outage:
                await message.nak(delay=self._rest)
                raise
            await message.ack()


async def _hand_over(js: JetStreamContext, message: Msg, keep: Keep) -> None:
    kind = message.subject.split(".")[4]
    try:
        advisory = msgspec.json.decode(message.data, type=_Advisory)
        given_up = await js.get_msg(topology.STREAM, seq=advisory.stream_seq)
    except (msgspec.MsgspecError, NotFoundError) as error:
        _log.error(
            "a message was given up and is gone",
            extra={"action": "message_lost", "reason": type(error).__name__},
        )
        return
    place = f"{given_up.subject}@{advisory.stream_seq}"
    await keep(_letter(given_up, advisory, place, _KINDS[kind]), place, advisory.timestamp)


def _letter(message: RawStreamMsg, advisory: _Advisory, place: str, words: str) -> DeadLetter:
    own = (message.headers or {}).get(MESSAGE_ID)
    why = f" ({advisory.reason})" if advisory.reason else ""
    return DeadLetter(
        message_id=MessageId(own or place),
        subject=message.subject or "",
        payload=message.data or b"",
        reason=f"{words}{why}, consumer {advisory.consumer}",
        attempts=advisory.deliveries,
    )
