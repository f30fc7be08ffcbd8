"""Deeds of the torture's buyers, banks and carriers about an order that was paid: what happens to it afterwards."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class SandboxControl(Protocol):
    """The sandbox's control actions, which may find that the time for them is over."""

    async def attempt(self, what: str, **how: Any) -> dict[str, Any]:
        """Does it, unless it is not possible any more."""
        ...

    async def wait(self, longest: float) -> None:
        """Waits for a moment."""
        ...


@dataclass(frozen=True, slots=True)
class PaidOrder:
    """What the deeds are about, by the sandbox's ids."""

    sale: str
    charge: str
    subscription: str
    invoice: str


Act = Callable[[SandboxControl, random.Random, PaidOrder], Awaitable[None]]


async def renew(sandbox: SandboxControl, _: random.Random, paid: PaidOrder) -> None:
    """The next period begins, and is paid."""
    await sandbox.attempt(f"subscriptions/{paid.subscription}/renew")


async def fail_to_renew(sandbox: SandboxControl, dice: random.Random, paid: PaidOrder) -> None:
    """A renewal fails or has to be confirmed, and is collected later or never."""
    outcome = dice.choice(("failed", "failed", "requires_action"))
    failed = await sandbox.attempt(f"subscriptions/{paid.subscription}/renew", outcome=outcome)
    invoice = failed.get("latest_invoice")
    for retried in dice.choice((("succeeded",), ("failed", "succeeded"), ("failed",) * 4)):
        if invoice:
            await sandbox.wait(0.7)
            await sandbox.attempt(f"invoices/{invoice}/retry", outcome=retried)


async def cancel(sandbox: SandboxControl, dice: random.Random, paid: PaidOrder) -> None:
    """An end is set, and now and then taken back."""
    at = dice.choice(("now", "period_end", "portal"))
    await sandbox.attempt(f"subscriptions/{paid.subscription}/cancel", at=at)
    if at != "now" and dice.random() < 0.3:
        await sandbox.wait(0.7)
        await sandbox.attempt(f"subscriptions/{paid.subscription}/keep")


async def pause(sandbox: SandboxControl, dice: random.Random, paid: PaidOrder) -> None:
    """It pauses, and goes on or not; or only its collection pauses."""
    kind = dice.choice(("status", "collection"))
    await sandbox.attempt(f"subscriptions/{paid.subscription}/pause", kind=kind)
    if kind == "status" and dice.random() < 0.5:
        await sandbox.wait(0.7)
        await sandbox.attempt(f"subscriptions/{paid.subscription}/resume")


async def change_seats(sandbox: SandboxControl, dice: random.Random, paid: PaidOrder) -> None:
    """The plan is changed, with or without proration."""
    proration = dice.choice(("create_prorations", "always_invoice", "none"))
    seats = dice.randint(2, 9)
    await sandbox.attempt(f"subscriptions/{paid.subscription}/change", quantity=seats, proration=proration)


async def refund(sandbox: SandboxControl, dice: random.Random, paid: PaidOrder) -> None:
    """The order's money goes back, in full or by part."""
    for amount in dice.choice(((None,), (700,), (700, None))):
        await sandbox.attempt(f"charges/{paid.charge}/refund", amount=amount)
        await sandbox.wait(0.5)


async def refund_in_vain(sandbox: SandboxControl, dice: random.Random, paid: PaidOrder) -> None:
    """A refund fails."""
    amount = dice.choice((None, 700))
    made = await sandbox.attempt(f"charges/{paid.charge}/refund", amount=amount, status="pending")
    await sandbox.wait(1.0)
    if "id" in made:
        await sandbox.attempt(f"refunds/{made['id']}/fail")


async def dispute(sandbox: SandboxControl, dice: random.Random, paid: PaidOrder) -> None:
    """The bank disputes all or a part, as an inquiry first or not, and decides or not."""
    opening = dice.choice(("needs_response", "warning_needs_response"))
    amount = dice.choice((None, 900))
    opened = await sandbox.attempt(f"charges/{paid.charge}/dispute", status=opening, amount=amount)
    inquiry = opening == "warning_needs_response"
    turns: tuple[tuple[str, ...], ...] = (
        ("warning_under_review", "warning_closed"),
        ("needs_response", "lost"),
        (),
    )
    if not inquiry:
        turns = (("under_review", "won"), ("under_review", "lost"), ("lost",), ("won",), ())
    for status in dice.choice(turns):
        await sandbox.wait(1.0)
        if "id" in opened:
            await sandbox.attempt(f"disputes/{opened['id']}/move", status=status)


async def warn(sandbox: SandboxControl, dice: random.Random, paid: PaidOrder) -> None:
    """The card's issuer warns of fraud, and may settle it."""
    warned = await sandbox.attempt(f"charges/{paid.charge}/warn")
    if dice.random() < 0.6 and "id" in warned:
        await sandbox.wait(1.0)
        await sandbox.attempt(f"warnings/{warned['id']}/settle")


async def review(sandbox: SandboxControl, dice: random.Random, paid: PaidOrder) -> None:
    """A person at the provider looks at the payment, and may approve it."""
    opened = await sandbox.attempt(f"charges/{paid.charge}/review")
    if dice.random() < 0.6 and "id" in opened:
        await sandbox.wait(1.0)
        await sandbox.attempt(f"reviews/{opened['id']}/close", reason="approved")


async def credit(sandbox: SandboxControl, dice: random.Random, paid: PaidOrder) -> None:
    """A credit note gives a part back out of band, and may be voided."""
    note = await sandbox.attempt(f"invoices/{paid.invoice}/credit", amount=500)
    if dice.random() < 0.4 and "id" in note:
        await sandbox.wait(1.0)
        await sandbox.attempt(f"credit_notes/{note['id']}/void")


async def send_back(sandbox: SandboxControl, _: random.Random, paid: PaidOrder) -> None:
    """The parcel comes back, if it has left."""
    await sandbox.wait(2.0)
    await sandbox.attempt(f"orders/{paid.sale}/return")


DEEDS: Mapping[str, Act] = {
    "renewal": renew,
    "failed renewal": fail_to_renew,
    "end": cancel,
    "pause": pause,
    "seats": change_seats,
    "refund": refund,
    "failed refund": refund_in_vain,
    "dispute": dispute,
    "fraud warning": warn,
    "review": review,
    "credit note": credit,
    "returned parcel": send_back,
}
