"""Charges: one payment intent, and one charge for every attempt to collect it."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from egpay_sandbox.ids import new_id, random_text
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Charge, PaymentIntent, PaymentMethod
from egpay_sandbox.stripe.objects.payments import PaymentMethodType

ChargeOutcome = Literal["succeeded", "pending", "failed"]
DECLINED = "Your card was declined."

_INTENT_STATUS: dict[ChargeOutcome, Literal["succeeded", "processing", "requires_payment_method"]] = {
    "succeeded": "succeeded",
    "pending": "processing",
    "failed": "requires_payment_method",
}


@dataclass(frozen=True, slots=True)
class ChargeAttempt:
    """An attempt to collect: the intent before and after it, and its charge."""

    before: PaymentIntent
    intent: PaymentIntent
    charge: Charge


def new_payment_intent(account: SandboxAccount, amount: int, currency: str) -> PaymentIntent:
    """Creates an unpaid intent; `amount` is minor units."""
    intent_id = new_id("pi")
    return PaymentIntent(
        id=intent_id,
        created=account.clock.now(),
        amount=amount,
        currency=currency,
        secret=f"{intent_id}_secret_{random_text(25)}",
        status="requires_payment_method",
    )


def new_payment_method(
    account: SandboxAccount,
    means: PaymentMethodType,
    email: str | None,
    name: str | None,
    customer: str | None = None,
) -> PaymentMethod:
    """Creates a card or a bank account, stored for a customer when there is one."""
    return account.payment_methods.store(
        PaymentMethod(
            id=new_id("pm"),
            created=account.clock.now(),
            type=means,
            customer=customer,
            email=email,
            name=name,
        )
    )


def attempt_charge(
    account: SandboxAccount, intent: PaymentIntent, method: PaymentMethod, outcome: ChargeOutcome
) -> ChargeAttempt:
    """Attempts once; the charge copies the intent's metadata only now (docs.stripe.com/metadata)."""
    charge = account.charges.store(
        Charge(
            id=new_id("ch"),
            created=account.clock.now(),
            amount=intent.amount,
            currency=intent.currency,
            status=outcome,
            payment_intent=intent.id,
            payment_method=method.id,
            means=method.type,
            customer=intent.customer,
            email=method.email,
            name=method.name,
            description=intent.description,
            metadata=intent.metadata,
            shipping=intent.shipping,
            failure=DECLINED if outcome == "failed" else None,
        )
    )
    after = msgspec.structs.replace(
        intent,
        status=_INTENT_STATUS[outcome],
        latest_charge=charge.id,
        payment_method=None if outcome == "failed" else method.id,
        means=method.type,
        error=charge.failure,
    )
    account.payment_intents.store(after)
    if outcome == "succeeded":
        account.schedule("tell_charge_updated", charge.id)
    return ChargeAttempt(before=intent, intent=after, charge=charge)


def settle_charge(
    account: SandboxAccount, intent: PaymentIntent, outcome: Literal["succeeded", "failed"]
) -> ChargeAttempt:
    """Settles a pending charge with the bank's answer, days later."""
    charge = account.charges[intent.latest_charge or ""]
    failure = None if outcome == "succeeded" else "The customer's bank account could not be debited."
    charge = account.charges.store(msgspec.structs.replace(charge, status=outcome, failure=failure))
    after = account.payment_intents.store(
        msgspec.structs.replace(
            intent,
            status=_INTENT_STATUS[outcome],
            payment_method=intent.payment_method if failure is None else None,
            error=failure,
        )
    )
    if outcome == "succeeded":
        account.schedule("tell_charge_updated", charge.id)
    return ChargeAttempt(before=intent, intent=after, charge=charge)


def emit_charge_updated(account: SandboxAccount, charge_id: str) -> None:
    """Emits `charge.updated` with the balance transaction, which exists a moment after the money."""
    before = account.charges[charge_id]
    after = msgspec.structs.replace(before, balance_transaction=new_id("txn"))
    account.charges.store(after)
    account.emit("charge.updated", after, before)
