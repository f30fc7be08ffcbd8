"""What a process leans on, asked one by one: the answer an operator reads at `/readyz`."""

from egpay.adapters.postgres.connection.pool import Pool
from egpay.adapters.postgres.connection.schema_version import behind
from egpay.domain.errors import Outage
from egpay.runtime.readiness import Check
from egpay.runtime.supervisor import Supervisor


def database_check(pool: Pool) -> Check:
    """The database answers, and has what this version needs."""

    async def check() -> None:
        if fault := await behind(pool):
            raise Outage(fault)

    return check


def task_check(*supervisors: Supervisor) -> Check:
    """Everything that runs in the background runs."""

    async def check() -> None:
        faults = [f"{task}: {fault}" for each in supervisors for task, fault in each.faults().items()]
        if faults:
            raise Outage(", ".join(faults))

    return check
