"""Values of a letter: what its texts may name, each as one visible line in the words of its language."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from egpay.adapters.smtp.letter_texts import Words
from egpay.adapters.smtp.message import mailbox
from egpay.domain.account import INVITATION_LIFETIME
from egpay.domain.currencies import shown
from egpay.domain.errors import Defect
from egpay.domain.letters import Letter, LetterKind
from egpay.domain.order import Order, OrderLine
from egpay.domain.portal_link import LINK_LIFETIME
from egpay.domain.printable import LONGEST_NAME, one_line
from egpay.domain.values import TotalDetails


class Seller(msgspec.Struct, frozen=True, kw_only=True):
    """Seller: who signs the letters, and until how many days after an order it can be withdrawn from."""

    name: str
    email: str
    address: str = ""
    withdrawal_days: int = 14

    @classmethod
    def of(
        cls, mail_from: str, *, name: str | None, email: str | None, address: str | None, withdrawal_days: int
    ) -> "Seller":
        """The seller as settings name it, else as the sender of the letters; raises Defect when that is no mailbox."""
        sender = mailbox(mail_from)
        return cls(
            name=name or sender.display_name or sender.domain,
            email=email or sender.addr_spec,
            address=address or "",
            withdrawal_days=withdrawal_days,
        )


_CONCLUDED = frozenset(
    {
        LetterKind.ORDER_CONFIRMATION,
        LetterKind.PAYMENT_PENDING,
        LetterKind.SHIPPED,
        LetterKind.DELAYED,
        LetterKind.PARCEL_LOST,
        LetterKind.PARCEL_RETURNED,
    }
)
"""Letters about an order that may still be withdrawn from (Directive 2011/83/EU, article 11a)."""


class LetterLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Where links of ours lead: the storefront, and checkout-api as the outside reaches it."""

    storefront_url: str
    public_url: str

    def of(self, letter: Letter) -> str | None:
        """The one link of a letter; None where there is nothing to open. Raises Defect when it is no web page."""
        storefront, public = self.storefront_url.rstrip("/"), self.public_url.rstrip("/")
        token = quote(letter.token or "", safe="")
        match letter.kind:
            case LetterKind.INTRODUCTION:  # in the fragment, which browsers do not send
                return f"{storefront}/invitation#token={token}"
            case LetterKind.PORTAL_LINK:
                return f"{public}/v1/billing-portal/sessions/{token}"
            case LetterKind.CONFIRM_PAYMENT | LetterKind.PAYMENT_RETRY | LetterKind.LAST_NOTICE:
                if not _is_web_page(letter.url or ""):
                    raise Defect("a link in an e-mail is not the address of a web page")
                return letter.url
            case LetterKind.SHIPPED if letter.url and _is_web_page(letter.url):
                return letter.url
            case LetterKind.PAYMENT_FAILED if letter.sale_id:
                return f"{public}/v1/sales/{letter.sale_id}/continue"
        return f"{storefront}/success?sale={letter.sale_id}" if letter.sale_id else None

    def withdrawal(self, letter: Letter) -> str:
        """The page on which the order of a letter is withdrawn from; empty where nothing was concluded or all is over."""
        storefront = self.storefront_url.rstrip("/")
        concluded = letter.sale_id and letter.kind in _CONCLUDED
        return f"{storefront}/withdraw?sale={letter.sale_id}" if concluded else ""


def values_of(letter: Letter, words: Words, seller: Seller, links: LetterLinks) -> dict[str, Any]:
    """Everything that the texts and layouts may name; what a letter does not say is empty."""
    placed = letter.order
    return {
        "kind": letter.kind.value,
        "name": _name(letter.name),
        "organisation": _name(letter.organisation),
        "link": links.of(letter),
        "seller": seller,
        "devices": placed is not None and placed.device_quantity > 0,
        "plan": placed is not None and placed.plan is not None,
        "trial_days": placed.trial_days if placed else 0,
        "lines": [_line(line, words) for line in placed.lines] if placed else [],
        "parts": _parts(placed, letter, words) if placed else [],
        "send_to": _address(placed) if placed else "",
        "amount": _money(letter.amount, letter.currency, words) if letter.amount is not None else "",
        "due": bool(letter.amount),
        "in_full": letter.in_full,
        "date": _date(letter.at, words) if letter.at else "",
        "time": letter.at.astimezone(UTC).strftime("%H:%M") if letter.at else "",
        "sale": letter.sale_id or "",
        "statement": one_line(letter.statement),
        "withdraw": links.withdrawal(letter) if seller.withdrawal_days else "",
        "carrier": _name(letter.carrier or ""),
        "tracking_number": _name(letter.tracking_number or ""),
        "days": INVITATION_LIFETIME.days,
        "minutes": int(LINK_LIFETIME.total_seconds() // 60),
    }


def _line(line: OrderLine, words: Words) -> Mapping[str, str]:
    """An order line for people: what it costs in all, how often, and whether a trial comes first."""
    notes = []
    if line.interval is not None:
        many = line.interval_count > 1
        period = (words.every if many else words.each)[line.interval.value]
        notes.append(period.format(n=line.interval_count))
    if line.trial_days:
        notes.append(words.trial.format(days=line.trial_days))
    return {
        "name": _name(line.name),
        "quantity": str(line.quantity),
        "price": _money(line.unit_amount * line.quantity, line.currency, words),
        "note": ", ".join(notes),
    }


def _parts(placed: Order, letter: Letter, words: Words) -> list[Mapping[str, str]]:
    """What leads from the lines to the sum: the parts that are known, and what else there is, such as a credit."""
    if letter.amount is None or letter.currency != placed.currency:
        return []
    totals = letter.totals or TotalDetails()
    parts = {"discount": -totals.discount, "shipping": totals.shipping, "tax": totals.tax}
    rest = letter.amount - totals.applied_to(placed.total)
    parts["less" if rest < 0 else "more"] = rest
    return [
        {"name": words.parts[name], "price": _money(amount, letter.currency, words)}
        for name, amount in parts.items()
        if amount
    ]


def _address(placed: Order) -> str:
    address = placed.shipping_address
    if address is None or not placed.device_quantity:
        return ""
    parts = (address.line1, address.line2, address.postal_code, address.city, address.state, address.country)
    return _name(", ".join(part for part in parts if part))


def _money(amount: int, currency: str, words: Words) -> str:
    return shown(amount, currency).replace(".", words.decimal)


def _date(at: datetime, words: Words) -> str:
    day = at.astimezone(UTC)
    return words.date.format(day=day.day, month=words.months[day.month - 1], year=day.year)


def _name(text: str) -> str:
    return one_line(text, longest=LONGEST_NAME)


def _is_web_page(url: str) -> bool:
    """Whether it leads to a page and does nothing else; it comes from a provider's answer."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = url.isprintable() and " " not in url
    return plain and parts.scheme in ("https", "http") and bool(parts.hostname)
