"""What becomes of a message that could not be handled: the world's fault comes again later, ours is set aside.

    Outage             the world must recover      nak, after a delay that grows and is never the same for all
    NewerMessage       a newer worker handles it   the same, for a day; then dead-lettered as `newer`
    Refusal, Defect,   we must change something    parked in dead_letters with reason, body and stack, then term
    anything else

A consumer's own retry settings have no say in it: nak without a delay comes back within a millisecond, and a
second of database trouble would use up every try.
"""

import logging
import random
import traceback
from datetime import datetime, timedelta

from egpay.adapters.wire import MESSAGE_ID
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.dead_letters import DeadLetter, DeadLetters, FailedIn
from egpay.ports.deliveries import Delivery, NewerMessage

FIRST_DELAY = 0.5
LONGEST_DELAY = 600.0
"""Seconds before the first retry, and at most before any."""

NEWER_PATIENCE = timedelta(hours=24)
"""Age from which on a message of a later release is dead-lettered: no rolling upgrade takes that long."""
NEWER_DELIVERIES = 12
"""And the deliveries it must have had, so that a backlog older than a day is not dead-lettered on sight: by then it has
been retried for 20 minutes, and waits the longest delay between two tries."""

_log = logging.getLogger(__name__)


async def retry_later(delivery: Delivery, outage: Outage) -> None:
    """Let it come again when the world may have recovered."""
    delay = backoff_delay(delivery.deliveries, asked_for=outage.retry_after)
    _log.warning(
        "put off",
        extra={
            "subject": delivery.subject,
            "deliveries": delivery.deliveries,
            "delay": delay,
            "reason": str(outage),
        },
    )
    await delivery.nak(delay)


async def retry_newer(
    delivery: Delivery, newer: NewerMessage, dead_letters: DeadLetters, *, at: datetime
) -> None:
    """Retry a message of a later release with back-off; dead-letter it when no worker that reads it came in a day."""
    old = at - delivery.published_at > NEWER_PATIENCE
    if old and delivery.deliveries >= NEWER_DELIVERIES:
        await dead_letter(delivery, newer, dead_letters, failed_in="newer")
    else:
        await retry_later(delivery, newer)


async def dead_letter(
    delivery: Delivery, fault: Exception, dead_letters: DeadLetters, *, failed_in: FailedIn = "delivery"
) -> None:
    """Set it aside where an operator sees it, and only then tell the broker to forget it. When it cannot be stored
    now, it comes again."""
    letter = DeadLetter(
        message_id=message_id(delivery),
        subject=delivery.subject,
        payload=delivery.payload,
        reason=f"{type(fault).__name__}: {fault}",
        trace="".join(traceback.format_exception(fault)),
        attempts=delivery.deliveries,
        failed_in=failed_in,
    )
    try:
        await dead_letters.park_many([letter])
    except Outage as outage:
        await retry_later(delivery, outage)
        return
    _log.error(
        "parked",
        extra={"subject": delivery.subject, "message_id": letter.message_id, "reason": letter.reason},
    )
    await delivery.term()


def message_id(delivery: Delivery) -> MessageId:
    """Our own id of the message; its place in the stream for one that never had any."""
    return MessageId(delivery.headers.get(MESSAGE_ID) or f"{delivery.subject}@{delivery.stream_sequence}")


def backoff_delay(attempt: int, *, asked_for: float | None = None) -> float:
    """Seconds until try `attempt` + 1: doubling from half a second to ten minutes, with half of it random, so that a
    thousand messages do not come back in one instant. What the other side asked for (Retry-After) is the least, and
    up to a quarter of it more, for it asks everybody at once."""
    ceiling: float = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempt - 1, 20))
    jittered = ceiling / 2 + random.uniform(0, ceiling / 2)  # noqa: S311 - spreads load, guards nothing
    patience = (asked_for or 0.0) * random.uniform(1, 1.25)  # noqa: S311
    return max(jittered, patience)
