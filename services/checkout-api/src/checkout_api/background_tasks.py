"""Background tasks of the service: the group commit writer and the publishers, under a supervisor."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from litestar import Litestar

from checkout_api.dependencies import Opened
from egpay.domain.errors import Outage
from egpay.runtime.supervisor import Supervisor, Work


@dataclass(frozen=True, slots=True)
class Background:
    """Supervised tasks; start after the connections and stop before them, with all requests answered."""

    opened: Opened
    supervisor: Supervisor
    tasks: Mapping[str, Work]

    @asynccontextmanager
    async def lifespan(self, _: Litestar) -> AsyncIterator[None]:
        """Run connections and tasks for the lifespan of the Litestar application."""
        async with self.opened(), self.supervisor:
            for name, work in self.tasks.items():
                self.supervisor.start(name, work)
            yield

    async def check(self) -> None:
        """Raise Outage while a task does not run."""
        if faults := self.supervisor.faults():
            raise Outage("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
