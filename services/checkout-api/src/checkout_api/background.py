"""What runs beside the requests for as long as the service lives: the writer of webhooks and the relay to the broker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from litestar import Litestar

from checkout_api.ingestion import Ingestion
from checkout_api.world import Opened
from egpay.domain.errors import Outage
from egpay.relay import Relay
from egpay.supervision import Supervisor


@dataclass(frozen=True, slots=True)
class Background:
    """Opened after the world's connections and closed before them; by then every request has been answered."""

    opened: Opened
    supervisor: Supervisor
    ingestion: Ingestion
    relay: Relay

    @asynccontextmanager
    async def lifespan(self, _: Litestar) -> AsyncIterator[None]:
        """A lifespan of Litestar's."""
        async with self.opened(), self.supervisor:
            self.supervisor.start("ingestion", self.ingestion.run)
            self.supervisor.start("relay", self.relay.run)
            yield

    async def check(self) -> None:
        """Raise Outage while one of them does not run."""
        if faults := self.supervisor.faults():
            raise Outage("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
