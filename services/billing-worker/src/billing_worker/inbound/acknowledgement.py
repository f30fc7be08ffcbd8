"""Acknowledgement policy: retry with backoff, or dead-letter (DLQ), by who must act on the error.

    Outage             the world must recover      nak, with a growing, jittered delay
    NewerMessage       a newer worker handles it   the same, for a day; then dead-lettered as `newer`
    ForgedMessage      an operator looks for who   stored as `forged` under an id of its own, then term
    Refusal, Defect,   we must change something    stored in dead_letters with reason, body and stack, then term
    anything else

A consumer's own retry settings are not used: a nak without a delay is redelivered within a millisecond, and a
second of database trouble would use up every try.
"""

import logging
import random
import traceback
from datetime import datetime, timedelta

from egpay.adapters.wire import MESSAGE_ID
from egpay.domain.errors import Defect, Outage
from egpay.domain.values import MessageId
from egpay.ports.dead_letters import DeadLetter, DeadLetters, FailedIn
from egpay.ports.deliveries import Delivery, NewerMessage
from egpay.ports.published import PublishedMessages

FIRST_DELAY = 0.5
LONGEST_DELAY = 600.0
"""Seconds before the first retry, and at most before any."""

NEWER_PATIENCE = timedelta(hours=24)
"""Age at which a message of a later release is dead-lettered: no rolling upgrade takes that long."""
NEWER_DELIVERIES = 12
"""And the deliveries it must have had, so that a backlog older than a day is not dead-lettered at first sight: by then
it has been retried for 20 minutes, and waits the longest delay between two tries."""

_log = logging.getLogger(__name__)


class ForgedMessage(Defect):
    """A message that our outbox does not hold under its id with its payload: it is not from us."""

    def __init__(self) -> None:
        """All say the same."""
        super().__init__("not in our outbox under this id with this payload")


async def retry_later(delivery: Delivery, outage: Outage) -> None:
    """Retry with backoff: nak with a delay, after which the world may have recovered."""
    delay = backoff_delay(delivery.deliveries, asked_for=outage.retry_after)
    _log.warning(
        "retry scheduled",
        extra={
            "subject": delivery.subject,
            "deliveries": delivery.deliveries,
            "delay": delay,
            "reason": str(outage),
        },
    )
    await delivery.nak(delay)


async def retry_newer(
    delivery: Delivery,
    newer: NewerMessage,
    dead_letters: DeadLetters,
    published: PublishedMessages,
    *,
    at: datetime,
) -> None:
    """Retry a message of a later release with backoff; dead-letter it after a day without a newer worker."""
    old = at - delivery.published_at > NEWER_PATIENCE
    if old and delivery.deliveries >= NEWER_DELIVERIES:
        await dead_letter(delivery, newer, dead_letters, published, failed_in="newer")
    else:
        await retry_later(delivery, newer)


async def dead_letter(
    delivery: Delivery,
    fault: Exception,
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
        await dead_letters.park_many([letter])
    except Outage as outage:
        await retry_later(delivery, outage)
        return
    _log.error(
        "dead-lettered",
        extra={"subject": delivery.subject, "message_id": letter.message_id, "reason": letter.reason},
    )
    await delivery.term()


def message_id(delivery: Delivery) -> MessageId:
    """Return our id of the message, or its place in the stream when it has none."""
    return MessageId(delivery.headers.get(MESSAGE_ID) or place_in_stream(delivery))


def place_in_stream(delivery: Delivery) -> MessageId:
    """Return an id that no publisher chooses."""
    return MessageId(f"{delivery.subject}@{delivery.stream_sequence}")


def backoff_delay(attempt: int, *, asked_for: float | None = None) -> float:
    """Exponential backoff with jitter: seconds until try `attempt` + 1, from half a second to ten minutes.

    It doubles with each try; half of it is random, so that a thousand messages do not come back in one instant. What
    the other side asked for (Retry-After) is the least, plus up to a quarter, because it asks all callers at once.
    """
    ceiling: float = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempt - 1, 20))
    jittered = ceiling / 2 + random.uniform(0, ceiling / 2)  # noqa: S311 - spreads load, guards nothing
    patience = (asked_for or 0.0) * random.uniform(1, 1.25)  # noqa: S311
    return max(jittered, patience)
