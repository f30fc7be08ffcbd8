"""Sale documents: lead the holder of a sale's id to its invoice at the provider, as it is now."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

import msgspec

from checkout_api.usecases.errors import PaymentProviderDown, PaymentProviderRefused
from egpay.domain.errors import Defect, Outage, Refusal
from egpay.domain.sale import Sale
from egpay.domain.values import InvoiceId, SaleId
from egpay.ports.storage import Begin

FindInvoicePage: TypeAlias = Callable[[InvoiceId], Awaitable[str | None]]
"""The address of an invoice's page, which the provider lets expire; None where it has none. Raises Outage, Defect."""


class DocumentKind(StrEnum):
    """Kind of a document of a sale."""

    INVOICE = "invoice"


class SaleDocument(msgspec.Struct, frozen=True):
    """A document of a sale; its `url` stays the same and redirects to where it is now."""

    kind: DocumentKind
    url: str


class NoSuchDocument(Refusal):
    """The sale has no such document, or not yet."""


def documents_of(sale: Sale, public_url: str) -> list[SaleDocument]:
    """The documents that a sale has: an invoice, once it is known and money was settled."""
    if not _has_invoice(sale):
        return []
    url = f"{public_url}/v1/sales/{sale.id}/documents/{DocumentKind.INVOICE}"
    return [SaleDocument(DocumentKind.INVOICE, url)]


def _has_invoice(sale: Sale) -> bool:
    return sale.invoice_id is not None and sale.paid


@dataclass(frozen=True, slots=True)
class FindDocument:
    """Asks the provider where a document is, because addresses of its pages expire and name a person.

    Neither our tables nor our messages hold one.
    """

    begin: Begin
    invoice_page: FindInvoicePage
    patience: timedelta = timedelta(seconds=20)
    """Timeout of the provider's answer, as the buyer waits for it."""

    async def __call__(self, sale_id: SaleId, kind: str) -> str:
        """Return the address.

        Raises NoSuchDocument, PaymentProviderDown, PaymentProviderRefused, and Outage without the database.
        """
        async with self.begin() as uow:
            found = await uow.sales.find(sale_id)
        invoice = found[0].invoice_id if found and _has_invoice(found[0]) else None
        if kind != DocumentKind.INVOICE or invoice is None:
            raise NoSuchDocument("the sale has no such document, or not yet")
        url = await self._asked(invoice)
        if url is None:
            raise NoSuchDocument("the payment provider has no page of this document")
        return url

    async def _asked(self, invoice: InvoiceId) -> str | None:
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                return await self.invoice_page(invoice)
        except TimeoutError:
            raise PaymentProviderDown("the payment provider is slow", retry_after=5) from None
        except Outage as outage:
            raise PaymentProviderDown(str(outage), retry_after=5) from outage
        except Defect as defect:
            raise PaymentProviderRefused(str(defect)) from defect
