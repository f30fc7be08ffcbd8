"""What runs beside the requests for as long as the service lives: the writer of webhooks and the ways to the broker."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from litestar import Litestar

from checkout_api.dependencies import Opened
from egpay.domain.errors import Outage
from egpay.runtime.supervisor import Supervisor, Work


@dataclass(frozen=True, slots=True)
class Background:
    """Opened after the world's connections and closed before them; by then every request has been answered."""

    opened: Opened
    supervisor: Supervisor
    tasks: Mapping[str, Work]

    @asynccontextmanager
    async def lifespan(self, _: Litestar) -> AsyncIterator[None]:
        """A lifespan of Litestar's."""
        async with self.opened(), self.supervisor:
            for name, work in self.tasks.items():
                self.supervisor.start(name, work)
            yield

    async def check(self) -> None:
        """Raise Outage while one of them does not run."""
        if faults := self.supervisor.faults():
            raise Outage("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
