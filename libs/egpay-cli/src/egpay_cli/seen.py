"""What an operator sees of a sale before an act about it: payment, shipment and address as they stand."""

import msgspec

from egpay.domain.corrections import order_as_corrected
from egpay.domain.errors import Refusal
from egpay.domain.payment import Payment
from egpay.domain.shipment import Shipment
from egpay.domain.values import Address, SaleId
from egpay_cli.running import database


class SeenSale(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of a sale that an act is about."""

    payment: Payment | None
    shipment: Shipment | None
    address: Address | None


async def seen(sale_id: SaleId) -> SeenSale:
    """Load the facts of a sale; raises Refusal when there is no such sale.

    The address is the newest that was entered, so that a correction undoes none that no worker has folded yet.
    """
    from egpay.adapters.postgres.operator.acts import newest_correction
    from egpay.adapters.postgres.unit_of_work import unit_of_work

    async with database() as engine, unit_of_work(engine)() as uow:
        found = await uow.sales.find(sale_id)
        if found is None:
            raise Refusal(f"there is no sale {sale_id}")
        sale, order = found
        known = [one for one in (sale.corrected_address, await newest_correction(engine, sale_id)) if one]
        corrected = max(known, key=lambda one: one.at, default=None)
        return SeenSale(
            payment=await uow.letter_facts.payment(sale_id),
            shipment=await uow.sales.shipment(sale_id),
            address=order_as_corrected(order, corrected).shipping_address,
        )
