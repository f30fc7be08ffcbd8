"""Continue checkout: leads the link of a letter to a page for the same order, a fresh one where it needs one."""

from dataclasses import dataclass

from checkout_api.usecases.sale_state import UNPAID
from checkout_api.usecases.sale_status import NoSuchSale, sale_id_in
from checkout_api.usecases.sale_transactions import load_sale, store_session
from checkout_api.usecases.start_checkout import StartCheckout


@dataclass(frozen=True, slots=True)
class ContinueCheckout:
    """Opens the next page of a sale whose page expired or whose payment failed, with the prices of its order.

    The page that is open is used again, so that a mail scanner that follows the link does no harm; a sale that is paid
    or waits for its payment leads to its status page.
    """

    start: StartCheckout
    status_page: str
    """URL of the storefront's page about a sale, to which the id is appended."""

    async def __call__(self, text: str) -> str:
        """Return the URL to send the buyer to.

        Raises NoSuchSale, the refusals of an order, and Outage when the database is away.
        """
        sale_id = sale_id_in(text)
        async with self.start.begin() as uow:
            found = await uow.sales.find(sale_id)
            if found is None:
                raise NoSuchSale("there is no such sale")
            if found[0].status not in UNPAID:
                return f"{self.status_page}{sale_id}"
            kept = await load_sale(uow, sale_id, at=self.start.clock())
        if kept.page is not None:
            return kept.page.url
        page = await self.start.page(kept)
        async with self.start.begin() as uow:
            await store_session(uow, kept, page, at=self.start.clock())
        return page.url
