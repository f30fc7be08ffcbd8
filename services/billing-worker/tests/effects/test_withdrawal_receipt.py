"""The receipt of a withdrawal goes once to the address that the declaration names, in the language of the order."""

from billing_worker.effects import carry_out
from billing_worker.outbound.context import EffectContext
from egpay.domain.commands import SendWithdrawalReceipt
from egpay.domain.events import Source
from egpay.domain.letters import LetterKind
from egpay.domain.values import MessageId
from egpay.domain.withdrawal import declare
from egpay.ports.mail import RecipientRefused
from egpay.testing.builders import moment, order, sale
from egpay.testing.memory import MemoryInbox, MemorySingleFlight, MemoryStore, memory_unit_of_work
from egpay.testing.world import PlainLetters, RecordingMail, RecordingWarehouse, ScriptedPayments


def office(store: MemoryStore, mail: RecordingMail, letters: PlainLetters) -> EffectContext:
    return EffectContext(
        begin=memory_unit_of_work(store),
        mail=mail,
        letters=letters,
        warehouse=RecordingWarehouse(),
        payments=ScriptedPayments(),
        single_flight=MemorySingleFlight(store),
        inbox=MemoryInbox(store),
        clock=moment,
        invitation_token=lambda command, user: f"{command} {user.id}",
        portal_token=lambda command, key: f"{command} {key}",
        mail_domain="eg.example",
    )


def declaration(store: MemoryStore) -> SendWithdrawalReceipt:
    """A declaration from an order, as it is stored, and the command that it led to."""
    placed = order(locale="de")
    sold = sale(placed)
    declared = declare(
        sold.id, name="Charles Babbage", email="charles@example.com", statement="only the hub", at=moment(60)
    )
    store.tables.sales[sold.id], store.tables.orders[sold.id] = sold, placed
    store.tables.withdrawals[declared.id] = declared
    return SendWithdrawalReceipt(
        id=MessageId(f"withdrawal_received:{declared.id}"),
        occurred_at=moment(60),
        source=Source.STOREFRONT,
        sale_id=sold.id,
        withdrawal_id=declared.id,
    )


async def test_a_receipt_says_what_was_declared_and_when_to_the_one_who_declared_it() -> None:
    store, mail, letters = MemoryStore(), RecordingMail(), PlainLetters()
    command, context = declaration(store), office(store, mail, letters)
    for _ in range(2):
        await carry_out(command, context)
    [sent], letter = mail.letters, letters.rendered[0]
    assert sent.to == "charles@example.com"
    assert (letter.kind, letter.language, letter.name) == (
        LetterKind.WITHDRAWAL_RECEIVED,
        "de",
        "Charles Babbage",
    )
    assert (letter.statement, letter.at, letter.sale_id) == ("only the hub", moment(60), command.sale_id)
    lines = " ".join(entry.what for entry in store.tables.timeline.values())
    assert "charles" not in lines.lower()


async def test_a_receipt_whose_address_takes_no_mail_goes_to_the_buyer() -> None:
    store, mail = MemoryStore(), RecordingMail()
    mail.faults = [RecipientRefused("550")]
    await carry_out(declaration(store), office(store, mail, PlainLetters()))
    assert [sent.to for sent in mail.letters] == ["ada@example.com"]
