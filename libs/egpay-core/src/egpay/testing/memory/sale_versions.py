"""In-memory sale versions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from egpay.domain.values import SaleId
from egpay.testing.memory.store import MemoryStore


@dataclass(slots=True)
class MemorySaleVersions:
    """Port `SaleVersions` over a MemoryStore: counts how often what it finds is another than the last time."""

    store: MemoryStore
    queries: int = 0
    _seen: dict[SaleId, tuple[int, object]] = field(default_factory=dict)

    async def of(self, sales: Collection[SaleId]) -> Mapping[SaleId, int]:
        """Compare each with what was found before."""
        self.store.answer()
        self.queries += 1
        tables = self.store.tables
        for key in sales:
            if (sale := tables.sales.get(key)) is None:
                continue
            state = (
                sale,
                tables.shipments.get(key),
                [
                    one
                    for one in tables.subscriptions.values()
                    if key == one.sale_id or one.id == sale.subscription_id
                ],
                [name for name, one in tables.emails.items() if one.sale_id == key and one.sent_at],
            )
            number, before = self._seen.get(key, (0, None))
            if state != before:
                self._seen[key] = (number + 1, state)
        return {key: self._seen[key][0] for key in sales if key in tables.sales}
