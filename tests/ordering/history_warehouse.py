"""Warehouse of a random history: sends what it is told to, and lets its parcels meet their fate."""

from dataclasses import dataclass, field

from doubles import FakeWarehouse
from final_state import Parcel
from history_acts import ParcelFate
from history_world import ProviderWorld
from refund_scenarios import reported
from scenario import Told

from egpay.domain.shipment import Progress

_STEPS: dict[ParcelFate, tuple[tuple[Progress, str | None], ...]] = {
    ParcelFate.DELIVERED: ((Progress.ACCEPTED, None), (Progress.SHIPPED, None), (Progress.DELIVERED, None)),
    ParcelFate.REFUSED: ((Progress.ACCEPTED, None), (Progress.FAILED, None)),
    ParcelFate.LOST: ((Progress.SHIPPED, None), (Progress.FAILED, None)),
    ParcelFate.RETURNED: ((Progress.SHIPPED, None), (Progress.DELIVERED, None), (Progress.RETURNED, None)),
    ParcelFate.SPLIT: ((Progress.SHIPPED, "P1"), (Progress.SHIPPED, "P2"), (Progress.FAILED, "P2")),
}


@dataclass(slots=True)
class HistoryWarehouse:
    """Sends a parcel when it was asked to and neither told to wait nor to stop; what has left goes on."""

    world: ProviderWorld
    orders: FakeWarehouse = field(default_factory=FakeWarehouse)
    done: int = 0

    @property
    def parcel(self) -> Parcel:
        """Returns the parcel of the sale."""
        return self.orders.by_sale.get(self.world.shop.sale_id, Parcel())

    def step(self) -> list[Told]:
        """Does the next step, and reports it."""
        truth = self.world.truth
        steps = _STEPS[truth.fate]
        if self.done == len(steps) or not (truth.left or self.parcel.leaving):
            return []
        (progress, number), self.done = steps[self.done], self.done + 1
        truth.left = truth.left or progress >= Progress.SHIPPED
        word = progress.name.lower()
        at, link = self.world.clock + 10 * self.done, number or "1"
        told = reported(self.world.shop, progress, f"shipment.{word}", at=at, parcel=number, link=link)
        truth.reports[word] = told.event_id
        return [told]

    def leaving_in_doubt(self) -> list[str]:
        """Says what would leave although everything was told and its money is gone or in doubt."""
        order, parcel = self.world.truth.order, self.parcel
        if self.world.truth.left or not parcel.leaving or order is None:
            return []
        part = order.given_back and not self.world.history.ships_part
        if order.gone_in_full or order.doubted or part:
            return ["goods leave, and their money is gone or in doubt"]
        if self.world.truth.one_cent:
            return ["goods leave, and one cent was paid for them"]
        return []
