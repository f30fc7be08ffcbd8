"""Provider of a random history: answers from the truth at its end, also about open invoices."""

from doubles import FakePayments
from history_world import RENEWED, ProviderWorld

from egpay.domain.values import InvoiceId
from egpay.ports.payments import OpenInvoice
from egpay.testing.builders import moment


class HistoryProvider(FakePayments):
    """A Payments that knows what the provider knows."""

    def __init__(self, world: ProviderWorld) -> None:
        super().__init__(world.answers())
        self._world = world

    async def open_invoice(self, invoice: InvoiceId) -> OpenInvoice | None:
        """Returns a renewal that is owed; after three tries the provider gives up."""
        charges = self._world.truth.charges.values()
        owed = next((one for one in charges if self._world.shop.name(one.invoice) == invoice), None)
        if owed is None or owed.paid:
            return None
        return OpenInvoice(
            url=f"https://pay.example/{invoice}",
            amount=RENEWED,
            currency="eur",
            next_attempt_at=moment(10**6) if owed.tries < 3 else None,
            subscription_ended=not self._world.truth.lives,
        )
