"""A message of a later release is told from one that nobody of ours ever wrote, whatever is new about it."""

from typing import ClassVar, get_args

import msgspec
import pytest

from egpay.adapters import wire
from egpay.domain.commands import Command, ShipDevices, TracePayment
from egpay.domain.errors import Defect
from egpay.domain.events import BillingEvent, CheckoutExpired, PaymentRefunded, Source
from egpay.domain.values import MessageId, PaymentIntentId, SaleId, SessionId
from egpay.ports.deliveries import NewerMessage
from egpay.testing.builders import moment

EXPIRED = CheckoutExpired(
    id=MessageId("evt_1"),
    occurred_at=moment(),
    source=Source.STRIPE,
    sale_id=SaleId("sale_1"),
    session_id=SessionId("cs_1"),
)
REFUNDED = PaymentRefunded(
    id=MessageId("evt_2"),
    occurred_at=moment(),
    source=Source.STRIPE,
    payment_intent_id=PaymentIntentId("pi_1"),
    amount_refunded=100,
    in_full=False,
)


class Expired2(CheckoutExpired, frozen=True, kw_only=True, tag="checkout_expired"):
    """What a later release made of an event."""

    VERSION: ClassVar[int] = 2
    because: str = ""


def changed(message: BillingEvent | Command, **fields: object) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(wire.encode(message)), **fields})


def test_version_one_is_left_out_on_the_wire() -> None:
    assert "v" not in msgspec.json.decode(wire.encode(EXPIRED))


def test_a_later_version_stands_on_the_wire_and_the_release_that_wrote_it_reads_it() -> None:
    later = Expired2(**msgspec.structs.asdict(EXPIRED), because="closed")
    payload = wire.encode(later)
    assert msgspec.json.decode(payload)["v"] == 2
    assert wire.event_reader([Expired2])(payload) == msgspec.structs.replace(later, v=2)


def test_a_release_reads_what_an_earlier_one_wrote() -> None:
    read = wire.event_reader([Expired2])(wire.encode(EXPIRED))
    assert (type(read), read.v) == (Expired2, 1)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (changed(EXPIRED, v=2), "version 2 of checkout_expired"),
        (changed(EXPIRED, v=2, session_id=None), "version 2 of checkout_expired"),
        (changed(EXPIRED, type="checkout_reopened"), "unknown word in checkout_reopened"),
        (changed(EXPIRED, source="ledger"), "unknown word in checkout_expired"),
    ],
    ids=["a higher version", "a higher version of another shape", "an unknown type", "an unknown word"],
)
def test_an_event_of_a_later_release_is_newer(payload: bytes, words: str) -> None:
    with pytest.raises(NewerMessage, match=words):
        wire.read_event(payload)


@pytest.mark.parametrize(
    "waiting",
    [{"v": 2}, {"type": "payment_returned"}, {"source": "ledger"}],
    ids=["version", "type", "word"],
)
def test_a_command_that_carries_an_event_of_a_later_release_is_newer(waiting: dict[str, object]) -> None:
    command = TracePayment(
        id=MessageId("trace:evt_2"), occurred_at=moment(), source=Source.STRIPE, waiting=REFUNDED
    )
    carried = msgspec.json.decode(wire.encode(command))["waiting"]
    with pytest.raises(NewerMessage):
        wire.read_command(changed(command, waiting={**carried, **waiting}))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"type": 1}',
        b'{"type": "checkout_expired"}',
        changed(EXPIRED, session_id=7),
        changed(EXPIRED, v="2"),
    ],
)
def test_what_no_release_wrote_is_a_defect(payload: bytes) -> None:
    with pytest.raises(Defect, match="not a billing event"):
        wire.read_event(payload)


def test_an_older_release_calls_every_message_that_it_has_no_table_for_newer() -> None:
    events = [kind for kind in get_args(BillingEvent) if kind is not CheckoutExpired]
    commands = [kind for kind in get_args(Command) if kind is not ShipDevices]
    with pytest.raises(NewerMessage):
        wire.event_reader(events)(wire.encode(EXPIRED))
    ship = ShipDevices(id=MessageId("ship:sale_1"), occurred_at=moment(), source=Source.STRIPE)
    with pytest.raises(NewerMessage):
        wire.command_reader(commands)(wire.encode(ship))


def test_every_message_has_a_version_that_is_one_or_was_raised_on_purpose() -> None:
    raised = {kind.__name__: kind.VERSION for kind in (*get_args(BillingEvent), *get_args(Command))}
    assert {name: version for name, version in raised.items() if version != 1} == {}
