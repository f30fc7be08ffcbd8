"""An operator reads what was declared about an order, word for word, with its time."""

from operator_system import OperatorSystem

from egpay.domain.withdrawal import declare
from egpay.testing.builders import moment, order, sale


async def test_the_words_of_a_withdrawal_are_shown_oldest_first(system: OperatorSystem) -> None:
    placed = order()
    sold = sale(placed)
    async with system.storage.begin() as uow:
        await uow.sales.add(sold, placed)
        for at, words in ((60, "only the hub"), (30, None)):
            declared = declare(sold.id, name="Ada", email="ada@example.com", statement=words, at=moment(at))
            await uow.withdrawals.add(declared, most=5)
    shown = await system.egpay("sale", "withdrawals", sold.id, "--json")
    assert [(one["name"], one["statement"]) for one in shown.json] == [("Ada", None), ("Ada", "only the hub")]
    assert "the whole order" in (await system.egpay("sale", "withdrawals", sold.id)).out
    none = await system.egpay("sale", "withdrawals", "sale_unknown")
    assert "no one has withdrawn from it" in none.out
