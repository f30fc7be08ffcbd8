"""Acknowledgement policy: retry with backoff, or dead-letter (DLQ), by who must act on the error.

    Outage             the world must recover      nak, with a growing, jittered delay
    NewerMessage       a newer worker handles it   the same, for a day; then dead-lettered as `newer`
    ForgedMessage      an operator looks for who   stored as `forged` under an id of its own, then term
    Refusal, Defect,   we must change something    stored in dead_letters with reason, body and stack, then term
    anything else

A message that would not live until its next try is dead-lettered too: the stream drops it after a week, and nothing
would show it. An answer that does not reach the broker is logged; it delivers the message again after `ack_wait`.

A consumer's own retry settings are not used: a nak without a delay is redelivered within a millisecond, and a
second of database trouble would use up every try.
"""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeAlias

from billing_worker.inbound.backoff import FIRST_DELAY, backoff_delay
from egpay.adapters.nats.topology import MAX_AGE
from egpay.adapters.wire import MESSAGE_ID
from egpay.domain.errors import Defect, EgpayError, HeldByAnother, Outage
from egpay.domain.values import MessageId
from egpay.ports.dead_letters import DeadLetter, DeadLetters, FailedIn
from egpay.ports.deliveries import Delivery, NewerMessage
from egpay.ports.published import PublishedMessages

NEWER_PATIENCE = timedelta(hours=24)
"""Age at which a message of a later release is dead-lettered: no rolling upgrade takes that long."""
NEWER_DELIVERIES = 12
"""And the deliveries it must have had, so that a backlog older than a day is not dead-lettered at first sight: by then
it has been retried for 20 minutes, and waits the longest delay between two tries."""

LAST_TRY = timedelta(seconds=MAX_AGE) - timedelta(hours=2)
"""Age up to which a message is tried again. The longest delay is an hour and a quarter, so that it ends within the
message's life; an older message is dead-lettered while it is still there."""

Scheduled: TypeAlias = Callable[[float], Awaitable[None]]
"""Called with the seconds until the next try, before the message is handed back."""
_log = logging.getLogger(__name__)


class ForgedMessage(Defect):
    """A message that our outbox does not hold under its id with its payload: it is not from us."""

    def __init__(self) -> None:
        """All say the same."""
        super().__init__("not in our outbox under this id with this payload")


async def acknowledge(deliveries: Sequence[Delivery]) -> None:
    """Acknowledge what is done; when the broker is away it delivers the rest again, which is then recognised."""
    for number, delivery in enumerate(deliveries):
        if not await _answered(delivery.ack(), delivery, count=len(deliveries) - number):
            return


async def retry_or_expire(
    delivery: Delivery,
    outage: Outage,
    dead_letters: DeadLetters,
    published: PublishedMessages,
    *,
    at: datetime,
    scheduled: Scheduled | None = None,
) -> None:
    """Retry with backoff, or dead-letter a message whose life ends before the world recovers."""
    if at - delivery.published_at > LAST_TRY:
        late = Outage(f"not done in a week: {outage}")
        await dead_letter(delivery, late, dead_letters, published)
    else:
        await retry_later(delivery, outage, scheduled)


async def hand_back(deliveries: Sequence[Delivery], fault: BaseException) -> None:
    """Hand messages back when their worker stops, so that another takes them before `ack_wait` is over."""
    _log.warning(
        "messages handed back",
        extra={"action": "handed_back", "count": len(deliveries), "reason": type(fault).__name__},
    )

    async def answer() -> None:
        for delivery in deliveries:
            if not await _answered(delivery.nak(FIRST_DELAY), delivery):
                return

    # in a task of its own, because a cancelled one is cancelled again at each further wait
    answering = asyncio.ensure_future(answer())
    with suppress(asyncio.CancelledError):
        await asyncio.shield(answering)


async def retry_later(delivery: Delivery, outage: Outage, scheduled: Scheduled | None = None) -> None:
    """Retry with backoff: nak with a delay, after which the world may have recovered.

    What another worker holds comes again when its lease is over: the tries of workers that died, which the broker
    counts, are no reason to wait longer.
    """
    attempt = 1 if isinstance(outage, HeldByAnother) else delivery.deliveries
    delay = backoff_delay(attempt, asked_for=outage.retry_after)
    said = {"subject": delivery.subject, "deliveries": delivery.deliveries, "reason": str(outage)}
    _log.warning("retry scheduled", extra={"action": "retry_scheduled", "delay": delay, **said})
    if scheduled is not None:
        await scheduled(delay)
    await _answered(delivery.nak(delay), delivery)


async def retry_newer(
    delivery: Delivery,
    newer: NewerMessage,
    dead_letters: DeadLetters,
    published: PublishedMessages,
    *,
    at: datetime,
    scheduled: Scheduled | None = None,
) -> None:
    """Retry a message of a later release with backoff; dead-letter it after a day without a newer worker."""
    old = at - delivery.published_at > NEWER_PATIENCE
    if old and delivery.deliveries >= NEWER_DELIVERIES:
        await dead_letter(delivery, newer, dead_letters, published, failed_in="newer")
    else:
        await retry_or_expire(delivery, newer, dead_letters, published, at=at, scheduled=scheduled)


async def dead_letter(
    delivery: Delivery,
    fault: BaseException,
    dead_letters: DeadLetters,
    published: PublishedMessages,
    *,
    failed_in: FailedIn = "delivery",
) -> None:
    """Dead-letter a message: store it for operators, and only then term it at the broker.

    One that our outbox does not hold is stored as forged, under its place in the stream: under the id that it claims
    it would hide the true message, and a replay would put its payload into the outbox. When it cannot be stored now,
    it is retried.
    """
    try:
        if not await published.holds(message_id(delivery), delivery.payload):
            fault, failed_in = ForgedMessage(), "forged"
        letter = DeadLetter(
            message_id=place_in_stream(delivery) if failed_in == "forged" else message_id(delivery),
            subject=delivery.subject,
            payload=delivery.payload,
            reason=f"{type(fault).__name__}: {fault}",
            trace="".join(traceback.format_exception(fault)),
            attempts=delivery.deliveries,
            failed_in=failed_in,
        )
        await dead_letters.add_many([letter])
    except Exception as trouble:  # noqa: BLE001 - whatever keeps it from being stored, it is not dropped
        await retry_later(delivery, _outage(trouble))
        return
    said = {"subject": delivery.subject, "message_id": letter.message_id, "reason": loggable(fault)}
    _log.error("dead-lettered", extra={"action": "dead_lettered", **said})
    await _answered(delivery.term(), delivery)


def message_id(delivery: Delivery) -> MessageId:
    """Return our id of the message, or its place in the stream when it has none."""
    return MessageId(delivery.headers.get(MESSAGE_ID) or place_in_stream(delivery))


def place_in_stream(delivery: Delivery) -> MessageId:
    """Return an id that no publisher chooses."""
    return MessageId(f"{delivery.subject}@{delivery.stream_sequence}")


def loggable(fault: BaseException) -> str:
    """Return what a log may say of an error: the text of one that is not ours may quote a person's data."""
    return f"{type(fault).__name__}: {fault}" if isinstance(fault, EgpayError) else type(fault).__name__


def _outage(trouble: Exception) -> Outage:
    return trouble if isinstance(trouble, Outage) else Outage(f"cannot be dead-lettered: {loggable(trouble)}")


async def _answered(answer: Awaitable[None], delivery: Delivery, *, count: int = 1) -> bool:
    """Await an answer to the broker; False, with a log line, when it did not get there."""
    try:
        await answer
    except Exception as trouble:  # noqa: BLE001 - the broker delivers again what it has no answer for
        _log.warning(
            "acknowledgement lost",
            extra={
                "action": "acknowledgement_lost",
                "subject": delivery.subject,
                "count": count,
                "reason": loggable(trouble),
            },
        )
        return False
    return True
