"""A refund is asked for once under the act's key, and a refusal for good comes back as an event, not as an error."""

from dataclasses import dataclass, field

import pytest

from billing_worker.effects import carry_out
from billing_worker.outbound.context import EffectContext
from egpay.adapters.wire import read_event
from egpay.domain.commands import RefundPayment
from egpay.domain.errors import Outage, RequestRefused
from egpay.domain.events import RefundRefused, Source
from egpay.domain.values import MessageId, PaymentIntentId, SaleId
from egpay.testing.builders import moment
from egpay.testing.memory import MemoryInbox, MemorySingleFlight, MemoryStore, memory_unit_of_work
from egpay.testing.world import PlainLetters, RecordingMail, RecordingWarehouse, ScriptedPayments

SALE = SaleId("sale_one")
COMMAND = RefundPayment(
    id=MessageId("refund:act_1"),
    occurred_at=moment(0),
    source=Source.STRIPE,
    sale_id=SALE,
    act=MessageId("act_1"),
    payment_id=SALE,
    amount=4_900,
    currency="eur",
    payment_intent_id=PaymentIntentId("pi_1"),
)


@dataclass
class Till:
    """A worker's world in which only the provider matters."""

    store: MemoryStore = field(default_factory=MemoryStore)
    payments: ScriptedPayments = field(default_factory=ScriptedPayments)

    async def refund(self) -> None:
        context = EffectContext(
            begin=memory_unit_of_work(self.store),
            mail=RecordingMail(),
            letters=PlainLetters(),
            warehouse=RecordingWarehouse(),
            payments=self.payments,
            single_flight=MemorySingleFlight(self.store),
            inbox=MemoryInbox(self.store),
            clock=moment,
            invitation_token=lambda command, user: f"{command} {user.id}",
            portal_token=lambda command, key: f"{command} {key}",
            mail_domain="eg.example",
        )
        await carry_out(COMMAND, context)

    @property
    def entered(self) -> list[RefundRefused]:
        events = [read_event(one.payload) for one in self.store.tables.outbox.values()]
        return [one for one in events if isinstance(one, RefundRefused)]


async def test_a_refund_is_asked_for_under_the_acts_key_and_books_nothing() -> None:
    till = Till()
    await till.refund()
    assert till.payments.asked == ["refund:act_1: 4900 eur of pi_1"]
    [line] = till.store.tables.timeline.values()
    assert (line.kind, line.what) == ("refund.made", "the provider gives back 49.00 EUR: refund re_act_1")
    assert till.entered == []


async def test_a_refusal_for_good_is_an_event_with_the_providers_words_and_is_not_tried_again() -> None:
    refusal = RequestRefused("Stripe: 400", code="charge_disputed", param="charge", request_id="req_1")
    till = Till(payments=ScriptedPayments(fault=refusal))
    await till.refund()
    await till.refund()
    [event] = till.entered
    assert (event.act, event.payment_id, event.amount) == ("act_1", SALE, 4_900)
    assert (event.code, event.param, event.request_id) == ("charge_disputed", "charge", "req_1")


async def test_an_outage_is_left_to_the_next_try() -> None:
    till = Till(payments=ScriptedPayments(fault=Outage("Stripe is out of reach")))
    with pytest.raises(Outage):
        await till.refund()
    assert till.entered == []
