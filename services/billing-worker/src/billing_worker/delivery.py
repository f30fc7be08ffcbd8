"""What becomes of a message that could not be handled: the world's fault comes again later, ours is set aside.

    Outage             the world must recover      nak, after a delay that grows and is never the same for all
    Refusal, Defect,   we must change something    parked in dead_letters with reason, body and stack, then term
    anything else

A consumer's own retry settings have no say in it: nak without a delay comes back within a millisecond, and a
second of database trouble would use up every try.
"""

import logging
import traceback

from billing_worker.retries import delay_before
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.dead_letters import DeadLetter, DeadLetters
from egpay.ports.messages import Delivery

MESSAGE_ID = "Egpay-Message-Id"

_log = logging.getLogger(__name__)


async def put_off(delivery: Delivery, outage: Outage) -> None:
    """Let it come again when the world may have recovered."""
    delay = delay_before(delivery.deliveries, asked_for=outage.retry_after)
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


async def park(delivery: Delivery, fault: Exception, dead_letters: DeadLetters) -> None:
    """Set it aside where an operator sees it, and only then tell the broker to forget it. When it cannot be stored
    now, it comes again."""
    letter = DeadLetter(
        message_id=message_id(delivery),
        subject=delivery.subject,
        payload=delivery.payload,
        reason=f"{type(fault).__name__}: {fault}",
        trace="".join(traceback.format_exception(fault)),
        attempts=delivery.deliveries,
    )
    try:
        await dead_letters.park_many([letter])
    except Outage as outage:
        await put_off(delivery, outage)
        return
    _log.error(
        "parked",
        extra={"subject": delivery.subject, "message_id": letter.message_id, "reason": letter.reason},
    )
    await delivery.term()


def message_id(delivery: Delivery) -> MessageId:
    """Our own id of the message; its place in the stream for one that never had any."""
    return MessageId(delivery.headers.get(MESSAGE_ID) or f"{delivery.subject}@{delivery.stream_sequence}")
