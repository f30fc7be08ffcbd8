"""Effect: expires the open pages that would sell an organisation a second subscription."""

from billing_worker.outbound.context import EffectContext
from egpay.domain.commands import ExpireCheckoutPages
from egpay.domain.timeline import Entry
from egpay.domain.values import EmailKey, SaleId, SessionId
from egpay.ports.storage import UnitOfWork


async def expire_checkout_pages(command: ExpireCheckoutPages, context: EffectContext) -> None:
    """Expire them at the provider, whose webhooks then expire the sales.

    A page that its buyer has just completed stays as it is: both are paid, and a person decides.
    """
    async with context.begin() as uow:
        pages = await _other_pages(command, uow)
    for sale_id, page in pages:
        if await context.payments.expire_checkout(page):
            async with context.begin() as uow:
                await uow.timeline.note(_entry(command, sale_id, context))


async def _other_pages(command: ExpireCheckoutPages, uow: UnitOfWork) -> list[tuple[SaleId, SessionId]]:
    buyer = await _buyer(command, uow)
    if buyer is None:
        return []
    key, organisation = buyer
    return [page for page in await uow.sales.open_pages(key, organisation) if page[0] != command.sale_id]


async def _buyer(command: ExpireCheckoutPages, uow: UnitOfWork) -> tuple[EmailKey, str] | None:
    """The e-mail and organisation of the sale, or of the account where no sale of ours began the subscription."""
    if command.sale_id and (found := await uow.sales.find(command.sale_id)):
        sale, _ = found
        return sale.email_key, sale.organisation
    account = await uow.accounts.of(command.organisation_id)
    return (account.admin.email_key, account.organisation.name) if account else None


def _entry(command: ExpireCheckoutPages, sale_id: SaleId, context: EffectContext) -> Entry:
    return Entry(
        subject=sale_id,
        sale_id=sale_id,
        at=context.clock(),
        kind="checkout.page_closed",
        what=f"the organisation has subscription {command.subscription_id}; its other page was closed",
        cause=command.id,
    )
