"""Letters about an invoice: to the billing address, and only while the provider says that it is owed."""

from datetime import datetime

from egpay.domain.commands import SendLetter, SendPaymentReminder
from egpay.domain.errors import Outage
from egpay.domain.letters import Letter, LetterKind, letter_key
from egpay.domain.values import SubscriptionId
from egpay.ports.payments import OpenInvoice
from egpay.ports.storage import UnitOfWork


def reminder_kind(invoice: OpenInvoice, *, at: datetime) -> LetterKind | None:
    """What is to be said of a renewal that was not collected.

    None while an invoice that is sent is not due, and while the next try is under way, which has a letter if it fails.
    """
    if invoice.by_invoice:
        return LetterKind.LAST_NOTICE if invoice.due_at is not None and invoice.due_at <= at else None
    if invoice.next_attempt_at is None:
        return LetterKind.LAST_NOTICE
    return LetterKind.PAYMENT_RETRY if invoice.next_attempt_at > at else None


async def letter_to_payer(
    kind: LetterKind,
    invoice: OpenInvoice,
    subscription: SubscriptionId,
    command: SendLetter | SendPaymentReminder,
    uow: UnitOfWork,
) -> Letter | None:
    """Write to the customer's current address, else to the one on record; never about an ended subscription.

    A renewal may be reported seconds before its subscription is first heard of: then the letter waits.
    """
    known = await uow.letter_facts.subscription(subscription)
    payer = await uow.owners.payer(subscription)
    if known is None or payer is None:
        raise Outage(f"command {command.id} waits until its subscription is heard of", undone=True)
    if known.ended or invoice.subscription_ended:
        return None
    return Letter(
        kind=kind,
        key=letter_key(kind, invoice=command.invoice_id or "") if kind is LetterKind.LAST_NOTICE else None,
        to=invoice.email or payer.email,
        fallback=payer.admin,
        language=payer.locale,
        name=payer.name,
        organisation=payer.organisation,
        amount=invoice.amount,
        currency=invoice.currency,
        at=invoice.next_attempt_at,
        url=invoice.url,
    )
