"""Two reports of one second contradict each other: the provider says which of them holds."""

from billing_worker.reentry import enter
from billing_worker.world import World
from egpay.domain.commands import RefreshSubscription
from egpay.domain.errors import Defect


async def refresh_subscription(command: RefreshSubscription, world: World) -> None:
    """Fetch the subscription as it stands now and enter it like any report."""
    report = await world.payments.subscription(command.subscription_id)
    if report is None:
        raise Defect(f"the provider does not know subscription {command.subscription_id}")
    await enter(report, world)
