"""Sample letters: every kind with invented data, for previews, for the check at the start and for tests."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from egpay.domain.catalogue import Interval, Kind
from egpay.domain.letters import Letter, LetterKind
from egpay.domain.order import Order, OrderLine
from egpay.domain.values import Address, ProductId, SaleId, TotalDetails

WRITTEN = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""The date of a sample."""

_SENSORS = OrderLine(
    product=ProductId("sensor"),
    kind=Kind.DEVICE,
    name="Sensor",
    quantity=3,
    unit_amount=4900,
    currency="eur",
)
_MONITORING = OrderLine(
    product=ProductId("monitoring-monthly"),
    kind=Kind.SUBSCRIPTION,
    name="Monitoring",
    quantity=1,
    unit_amount=1900,
    currency="eur",
    interval=Interval.MONTH,
)
_ORDER = Order(
    organisation="Harbour Cycling Club",
    name="Orla Byrne",
    email="orla@harbour.example",
    lines=(_SENSORS, _MONITORING),
    shipping_address=Address(line1="12 Harbour Street", city="Dublin", postal_code="D02 XE80", country="IE"),
)
_TRIAL = msgspec.structs.replace(
    _ORDER, lines=(msgspec.structs.replace(_MONITORING, trial_days=30, interval_count=3),)
)
_SALE = SaleId("sale_k3v9x2m7q4w8p1n6b5c0d2f4g7")
_INVOICE = "https://invoice.stripe.example/i/in_1?s=ap"
_END = datetime(2026, 12, 7, 9, tzinfo=UTC)


def sample_letters(language: str | None = None) -> Mapping[LetterKind, tuple[Letter, ...]]:
    """Samples of every kind; more than one where its words depend on the facts, the usual one first."""
    return {
        kind: tuple(_sample(kind, language, **facts) for facts in _FACTS.get(kind, ({},)))
        for kind in LetterKind
    }


def _sample(kind: LetterKind, language: str | None, **facts: object) -> Letter:
    named = (
        {} if kind is LetterKind.PORTAL_LINK else {"name": "Orla Byrne", "organisation": _ORDER.organisation}
    )
    return msgspec.structs.replace(
        Letter(kind=kind, to="orla@harbour.example", language=language), **{**named, **facts}
    )


_OF_SALE: dict[str, object] = {"sale_id": _SALE}
_DUE: dict[str, object] = {"url": _INVOICE, "amount": 1900, "currency": "eur"}
_FACTS: Mapping[LetterKind, tuple[dict[str, object], ...]] = {
    LetterKind.INTRODUCTION: ({"token": "sample-token"},),
    LetterKind.ORDER_CONFIRMATION: (
        {**_OF_SALE, "order": _ORDER, "amount": 16600, "currency": "eur"},
        {**_OF_SALE, "order": _TRIAL, "amount": 0, "currency": "eur"},
        {
            **_OF_SALE,
            "order": _ORDER,
            "amount": 12450,
            "totals": TotalDetails(discount=4150),
            "currency": "eur",
        },
    ),
    LetterKind.PAYMENT_PENDING: ({**_OF_SALE, "order": _ORDER, "amount": 16600, "currency": "eur"},),
    LetterKind.PAYMENT_FAILED: ({**_OF_SALE, "order": _ORDER, "amount": 16600, "currency": "eur"},),
    LetterKind.SHIPPED: (
        {
            **_OF_SALE,
            "carrier": "An Post",
            "tracking_number": "CE123456789IE",
            "url": "https://track.example/CE123456789IE",
        },
        _OF_SALE,
    ),
    LetterKind.DELAYED: (_OF_SALE,),
    LetterKind.PARCEL_LOST: (_OF_SALE,),
    LetterKind.PARCEL_RETURNED: (_OF_SALE,),
    LetterKind.REFUNDED: (
        {**_OF_SALE, "amount": 16600, "currency": "eur", "in_full": True},
        {"amount": 4900, "currency": "eur"},
    ),
    LetterKind.TRIAL_ENDS: ({"at": _END},),
    LetterKind.SUBSCRIPTION_WILL_END: ({"at": _END},),
    LetterKind.CONFIRM_PAYMENT: (_DUE,),
    LetterKind.PAYMENT_RETRY: ({**_DUE, "at": _END},),
    LetterKind.LAST_NOTICE: (_DUE,),
    LetterKind.PORTAL_LINK: ({"token": "sample-token"},),
    LetterKind.WITHDRAWAL_RECEIVED: (
        {**_OF_SALE, "organisation": "", "at": _END, "statement": "only the gateway"},
        {**_OF_SALE, "organisation": "", "at": _END},
    ),
}
