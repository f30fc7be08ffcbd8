"""The unit of work, over memory and PostgreSQL alike."""

import pytest

from egpay.domain.errors import Defect
from egpay.testing.builders import SENSOR, order, sale
from egpay.testing.storage import Storage


async def test_a_block_that_raises_leaves_no_trace(storage: Storage) -> None:
    placed = order()
    kept = sale(placed)

    async def sell_and_change_my_mind() -> None:
        async with storage.begin() as uow:
            await uow.products.put([SENSOR])
            await uow.sales.add(kept, placed)
            raise KeyError

    with pytest.raises(KeyError):
        await sell_and_change_my_mind()
    async with storage.begin() as uow:
        assert await uow.products.all() == []
        assert await uow.sales.find(kept.id) is None


async def test_a_block_that_ends_is_seen_by_the_next(storage: Storage) -> None:
    async with storage.begin() as uow:
        await uow.products.put([SENSOR])
    async with storage.begin() as uow:
        assert await uow.products.all() == [SENSOR]


async def test_a_sale_of_a_known_id_is_a_defect_and_changes_nothing(storage: Storage) -> None:
    placed = order()
    kept = sale(placed, plan=None)
    async with storage.begin() as uow:
        await uow.sales.add(kept, placed)
    with pytest.raises(Defect, match="refuses the data") as caught:
        async with storage.begin() as uow:
            await uow.sales.add(sale(placed, id=kept.id, plan=None, name="Somebody Else"), placed)
    assert "Somebody" not in f"{caught.value}{caught.value.__cause__}"
    async with storage.begin() as uow:
        assert await uow.sales.find(kept.id) == (kept, placed)
