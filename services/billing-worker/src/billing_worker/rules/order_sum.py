"""Order sum: whether what the provider asked for the lines is what the order says is due now."""

from egpay.domain.books import Books
from egpay.domain.events import CheckoutCompleted, InvoicePaid
from egpay.domain.misfit import Misfit, MisfitKind
from egpay.domain.sale import Sale


def misfit_of(books: Books, sale: Sale, event: CheckoutCompleted | InvoicePaid) -> Misfit | None:
    """Compare the sum before discount, tax, shipping and balance with the order; a line on trial counts nothing.

    Only the sale's own payment is compared. What a release before wrote has no sum, and fits.
    """
    if event.subtotal is None or not _is_own(books, sale, event):
        return None
    credited = event.credited if isinstance(event, InvoicePaid) else 0
    if event.currency != sale.currency:
        kind = MisfitKind.CURRENCY
    elif event.subtotal != sale.total:
        kind = MisfitKind.AMOUNT
    elif credited:
        kind = MisfitKind.CREDIT
    else:
        return None
    return Misfit(kind=kind, subtotal=event.subtotal, currency=event.currency, credited=credited)


def _is_own(books: Books, sale: Sale, event: CheckoutCompleted | InvoicePaid) -> bool:
    payment = books.payment(sale.id)
    return payment is not None and not payment.is_second_payment(
        invoice=event.invoice_id, payment_intent=event.payment_intent_id
    )
