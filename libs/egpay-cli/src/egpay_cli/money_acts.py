"""Acts on money: give back a payment, a part of it or some of its lines, and end a subscription."""

from typing import Annotated

import typer

from egpay.adapters.postgres.operator.live_subscriptions import NamedSubscription, named_subscriptions
from egpay.adapters.postgres.operator.refundable import RefundablePayment, load_refundable
from egpay.domain.currencies import minor_units
from egpay.domain.errors import Refusal
from egpay.domain.events import RefundRequested, SubscriptionEndRequested
from egpay.domain.refund_requests import RefundTerms
from egpay.domain.values import ProductId
from egpay_cli.acts import ActOptions, act_command, enter, known_subject
from egpay_cli.running import database, run

subscriptions = typer.Typer(no_args_is_help=True, help="Subscriptions.")


Name = Annotated[
    str,
    typer.Argument(metavar="SALE", help="The sale's id, or the invoice or payment intent of one payment."),
]
Amount = Annotated[str | None, typer.Option(help="So much, such as 12.50; else all that is left.")]
Line = Annotated[
    list[str] | None, typer.Option(help="A product and its quantity, such as sensor=2; may be repeated.")
]
Goodwill = Annotated[
    bool, typer.Option("--goodwill", help="Money alone: a part goes back, and everything ships.")
]


def register(sales: typer.Typer) -> None:
    """Add the refund to the commands of a sale."""
    sales.command("refund")(refund)


@subscriptions.callback()
def _subscriptions() -> None:
    """Look after subscriptions."""


@act_command
def refund(
    name: Name,
    *,
    options: ActOptions,
    amount: Amount = None,
    line: Line = None,
    goodwill: Goodwill = False,
) -> None:
    """Give back what was paid, in full, by amount, or by line and quantity. Stripe's own event ends it.

    By line it is the share of what was paid, with discount and tax, and a parcel that has not left is sent without it.
    """
    if amount is not None and line:
        raise typer.BadParameter("--amount or --line, not both")
    if goodwill and amount is None and not line:
        raise typer.BadParameter("--goodwill needs an --amount or a --line")
    payment = run(lambda: _payment(name))
    terms = RefundTerms(
        amount=None if amount is None else minor_units(amount, payment.currency),
        lines=_lines(line or []),
        ordered=payment.ordered if line else (),
        goodwill=goodwill,
    )
    event = _requested(options, payment, terms)
    watch = f"egpay sale show {event.sale_id}" if event.sale_id else f"egpay events show {event.id}"
    enter(event, options, watch=watch)


def _requested(options: ActOptions, payment: RefundablePayment, terms: RefundTerms) -> RefundRequested:
    return RefundRequested(
        **options.header(),
        sale_id=payment.sale_id,
        payment_id=payment.payment_id,
        invoice_id=payment.invoice_id,
        payment_intent_id=payment.payment_intent_id,
        terms=terms,
    )


@subscriptions.command("end")
@act_command
def end(
    who: Annotated[
        str,
        typer.Argument(
            metavar="WHO", help="The subscription's id, or an organisation or e-mail that has one."
        ),
    ],
    *,
    options: ActOptions,
    now: Annotated[bool, typer.Option("--now", help="At once.")] = False,
    period_end: Annotated[bool, typer.Option("--period-end", help="With the period that was paid.")] = False,
) -> None:
    """End a subscription at Stripe, at once or with its period; money goes back by `egpay sale refund` alone."""
    if now is period_end:
        raise typer.BadParameter("say either --now or --period-end")
    subscription = run(lambda: _subscription(who, options))
    event = SubscriptionEndRequested(
        **options.header(),
        sale_id=subscription.sale_id,
        subscription_id=subscription.id,
        at_period_end=period_end,
    )
    enter(event, options, watch=f"egpay access show {subscription.id}")


async def _payment(name: str) -> RefundablePayment:
    async with database() as engine:
        return await load_refundable(engine, name)


async def _subscription(who: str, options: ActOptions) -> NamedSubscription:
    """The subscription, also by the name of an organisation whose one this very act has ended."""
    async with database() as engine:
        found = await named_subscriptions(engine, who)
        if not found and (known := await known_subject(engine, options)) is not None:
            found = await named_subscriptions(engine, known)
    if not found:
        raise Refusal(
            "there is no such subscription, and no organisation or e-mail of that name has a live one"
        )
    if len(found) > 1:
        shown = ", ".join(f"{one.id} ({one.status})" for one in found)
        raise Refusal(f"that is several subscriptions; take the id of one: {shown}")
    return found[0]


def _lines(given: list[str]) -> dict[ProductId, int]:
    lines: dict[ProductId, int] = {}
    for text in given:
        product, _, quantity = text.rpartition("=")
        if not product or not quantity.isdecimal() or len(quantity) > 4 or not int(quantity):
            raise typer.BadParameter(f"{text!r} is no product with a quantity, such as sensor=2")
        if product in lines:
            raise typer.BadParameter(f"{product} is named twice: give its quantity once")
        lines[ProductId(product)] = int(quantity)
    return lines
