"""In-memory owners: payers, and owners of subscriptions that no sale began."""

from dataclasses import dataclass

from egpay.domain.owner import Owner
from egpay.domain.values import SubscriptionId
from egpay.ports.storage import Payer
from egpay.testing.memory.store import Tables


@dataclass(frozen=True, slots=True)
class MemoryOwners:
    """Port `Owners` over tables in memory."""

    tables: Tables

    async def put(self, owner: Owner) -> None:
        """Store the owner as the provider reports it."""
        self.tables.owners[owner.subscription_id] = owner

    async def payer(self, subscription: SubscriptionId) -> Payer | None:
        """The payer: the billing e-mail of its sale or its admin's, else its owner's."""
        known = self.tables.subscriptions.get(subscription)
        sale = self.tables.sales.get(known.sale_id) if known and known.sale_id else None
        if sale is not None:
            placed = self.tables.orders.get(sale.id)
            return Payer(
                name=sale.name,
                email=sale.billing_email or sale.email,
                admin=sale.email,
                organisation=sale.organisation,
                locale=placed.locale if placed else None,
            )
        owner = self.tables.owners.get(subscription)
        if owner is None:
            return None
        return Payer(name=owner.name, email=owner.email, admin=owner.email, organisation=owner.organisation)
