"""Letters about an order: what is true of the sale, its payment and its parcel when the letter is sent."""

import msgspec

from billing_worker.outbound.context import EffectContext
from egpay.domain.commands import SendLetter
from egpay.domain.corrections import order_as_corrected
from egpay.domain.errors import Defect
from egpay.domain.letters import Letter, LetterKind, refund_key, told_back
from egpay.domain.order import Order
from egpay.domain.parcel_letters import parcel_letter, parcel_letters
from egpay.domain.payment import Payment
from egpay.domain.sale import Sale, SaleStatus
from egpay.domain.shipment import Shipment
from egpay.domain.values import OrganisationId
from egpay.ports.storage import UnitOfWork


def letter_about(
    kind: LetterKind, sale: Sale, order: Order, *, amount: int | None = None, currency: str | None = None
) -> Letter:
    """The letter to the admin of a sale, in the language of its order.

    Without an `amount` it is what the payment page asked for, as far as that was reported.
    """
    asked = sale.totals.applied_to(sale.total) if sale.totals else sale.total
    return Letter(
        kind=kind,
        to=sale.email,
        language=order.locale,
        name=sale.name,
        organisation=sale.organisation,
        sale_id=sale.id,
        order=order,
        amount=asked if amount is None else amount,
        totals=sale.totals,
        currency=currency or sale.currency,
    )


async def order_confirmation(command: SendLetter, uow: UnitOfWork, _: EffectContext) -> Letter | None:
    """The order is confirmed: not when its money went back or it was cancelled meanwhile."""
    sale, order = await _sale(command, uow)
    payment = await uow.letter_facts.payment(sale.id)
    if sale.status is not SaleStatus.PAID:
        return None
    amount, currency = (payment.amount, payment.currency) if payment else (None, None)
    return letter_about(command.kind, sale, order, amount=amount, currency=currency)


async def payment_pending(command: SendLetter, uow: UnitOfWork, _: EffectContext) -> Letter | None:
    """The payment is under way: not when it has arrived or failed meanwhile."""
    sale, order = await _sale(command, uow)
    return letter_about(command.kind, sale, order) if sale.status is SaleStatus.AWAITING_PAYMENT else None


async def parcel(command: SendLetter, uow: UnitOfWork, _: EffectContext) -> Letter | None:
    """The parcel left, cannot leave, came back or was lost: only while that is its status."""
    sale, order = await _sale(command, uow)
    shipment = await uow.sales.shipment(sale.id)
    if shipment is None or _true_of(shipment, command.parcel) is not command.kind:
        return None
    carrier, number, url = shipment.tracking_of(command.parcel)
    return Letter(
        kind=command.kind,
        to=sale.email,
        language=order.locale,
        name=sale.name,
        organisation=sale.organisation,
        sale_id=sale.id,
        carrier=carrier,
        tracking_number=number,
        url=url,
    )


def _true_of(shipment: Shipment, parcel: str | None) -> LetterKind | None:
    """The letter that is true now; a command of before there were parcels is about the shipment."""
    return parcel_letter(shipment) if parcel is None else parcel_letters(shipment).get(parcel)


async def refunded(command: SendLetter, uow: UnitOfWork, _: EffectContext) -> Letter | None:
    """Money was given back: not when more went back since, which has its letter, or when the refund failed.

    Its key is of this moment, so that a refund that failed and the one in its place are told once if both waited. Who was
    given back a renewal, or one of two payments, paid more than that, so that it is not called all.
    """
    payment = await uow.letter_facts.payment(command.payment_id or "")
    if payment is None or told_back(payment) != command.amount:
        return None
    own = payment.sale_id == payment.id
    letter = None if own else await _of_renewal(payment, uow)
    letter = letter or await _of_sale(payment, uow)
    if letter is None:
        return None
    return msgspec.structs.replace(
        letter,
        key=refund_key(payment),
        amount=payment.amount_refunded,
        currency=payment.currency or "",
        in_full=own and payment.refunded_in_full,
    )


async def _of_sale(payment: Payment, uow: UnitOfWork) -> Letter | None:
    """The letter to the admin of the sale whose payment was given back, its own or a second one."""
    found = await uow.sales.find(payment.sale_id) if payment.sale_id else None
    return msgspec.structs.replace(letter_about(LetterKind.REFUNDED, *found), order=None) if found else None


async def _of_renewal(payment: Payment, uow: UnitOfWork) -> Letter | None:
    """The letter to the admin of the subscription whose renewal was given back; None where it has no account."""
    known = await uow.letter_facts.subscription(payment.subscription_id) if payment.subscription_id else None
    organisation = known.organisation_id if known else None
    account = await uow.accounts.of(OrganisationId(organisation)) if organisation else None
    if account is None:
        return None
    admin = account.admin
    language = await uow.letter_facts.locale(admin.email_key)
    return Letter(kind=LetterKind.REFUNDED, to=admin.email, language=language, name=admin.name)


async def _sale(command: SendLetter, uow: UnitOfWork) -> tuple[Sale, Order]:
    found = await uow.sales.find(command.sale_id) if command.sale_id else None
    if found is None:
        raise Defect(f"command {command.id} names no sale of ours")
    sale, order = found
    return sale, order_as_corrected(order, sale.corrected_address)
