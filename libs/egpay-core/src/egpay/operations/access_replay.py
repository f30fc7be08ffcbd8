"""Access replay: tells the product again what it was told, because it lost its view or was connected late."""

from dataclasses import dataclass
from datetime import datetime

from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId, OrganisationId
from egpay.operations.replay import ReplayRequest
from egpay.ports.app_deliveries import OpenAppReplay
from egpay.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class AccessReplay:
    """Makes the newest state of each object due again; idempotent for the product, which keeps no lower version."""

    open_replay: OpenAppReplay
    clock: Clock

    async def __call__(
        self,
        request: ReplayRequest,
        *,
        organisation: OrganisationId | None = None,
        since: datetime | None = None,
        dry: bool = False,
    ) -> int:
        """Tell all, or of one organisation, or what was told since a time; return how many objects it concerns."""
        now = self.clock()
        async with self.open_replay() as transaction:
            if dry:
                return await transaction.count(organisation, since)
            mark = f"{now:%Y%m%dT%H%M%S%f}"
            count = await transaction.tell_again(organisation, since, mark=mark)
            if count:
                await transaction.note(
                    Entry(
                        subject=organisation or "product",
                        at=now,
                        kind="product.replayed",
                        what=request.told(f"{count} objects told to the product again"),
                        cause=MessageId(f"replay:{mark}"),
                    )
                )
        return count
