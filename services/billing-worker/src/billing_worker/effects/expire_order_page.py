"""Effect: expires the open page of a sale that was cancelled, so that no buyer pays for it."""

from billing_worker.outbound.context import EffectContext
from egpay.domain.commands import ExpireOrderPage
from egpay.domain.errors import Defect
from egpay.domain.sale import SessionProgress
from egpay.domain.timeline import Entry


async def expire_order_page(command: ExpireOrderPage, context: EffectContext) -> None:
    """Expire the page that the sale has by now; its webhook tells the rest.

    A page that its buyer has just completed stays as it is: its money is then late, and a person decides.
    """
    if command.sale_id is None:
        raise Defect(f"command {command.id} names no sale")
    async with context.begin() as uow:
        found = await uow.sales.find(command.sale_id)
    if found is None or (page := found[0].checkout_session_id) is None:
        return
    if found[0].session_progress is not SessionProgress.OPEN:
        return
    if await context.payments.expire_checkout(page):
        async with context.begin() as uow:
            await uow.timeline.note(
                Entry(
                    subject=command.sale_id,
                    sale_id=command.sale_id,
                    at=context.clock(),
                    kind="checkout.page_closed",
                    what="the sale was cancelled; its page was closed",
                    cause=command.id,
                )
            )
