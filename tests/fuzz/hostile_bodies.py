"""Hostile bodies: orders that are never valid, and signed webhooks from which nothing may follow."""

import contextlib
import copy
import json
from random import Random
from typing import Any

from hostile_values import JUNK, NUMBERS, TEXTS
from malformed_webhooks import GENUINE, KINDS

from egpay.testing.stripe_objects import Generation

_ORDER: dict[str, Any] = {
    "line_items": [{"product": "sensor", "quantity": 3}],
    "organisation": "Zebedee Plantagenet",
    "name": "Zebedee Plantagenet",
    "email": "zebedee.plantagenet@mail.example",
    "billing_email": "zebedee.plantagenet@mail.example",
    "phone": "+353 86 555 0199",
    "locale": "en",
    "shipping_address": {
        "line1": "Planted Quay 99",
        "line2": "",
        "city": "Dublin",
        "state": "",
        "postal_code": "D02 XE80",
        "country": "IE",
    },
}
_PLACES = (
    *((name,) for name in _ORDER if name != "line_items"),
    *(("shipping_address", part) for part in _ORDER["shipping_address"]),
    ("line_items", 0, "quantity"),
)
_WRONG: tuple[tuple[tuple[str | int, ...], tuple[Any, ...]], ...] = (
    (
        ("line_items",),
        ([], None, {}, "sensor", [None], [[]], [{}], [{"product": "sensor"}], [{"quantity": 1}]),
    ),
    (
        ("line_items",),
        (
            [{"product": "sensor", "quantity": 1}] * 2_000,
            [{"product": "monitoring-monthly", "quantity": 1}] * 2,
        ),
    ),
    (
        ("line_items", 0, "quantity"),
        (0, -1, 1001, 10**20, -(10**20), 1.5, "3", None, True, [], {}, float("nan")),
    ),
    (
        ("line_items", 0, "product"),
        ("", None, 7, [], {}, "sensor\x00", "no-such", "Sensor ", "../sensor", "\ud800"),
    ),
    (
        ("email",),
        (
            "",
            "x",
            "a@",
            "@b",
            "a b@c.example",
            "a@b@c.example",
            None,
            7,
            [],
            "a@b.example\r\nBcc: x@y.example",
            "\x00@b.example",
        ),
    ),
    (("organisation",), ("", None, 7, [], {}, "\x00", "x" * 5_000, "\ud800", "two\nlines")),
    (("shipping_address",), (None, [], "x", 7, {}, {"country": "IE"})),
    (("shipping_address", "country"), ("", "XX", "ZZ", "IEE", 7, None, "\x00\x00", "I\u0130")),
    (("surprise",), (None, 1, {}, "x" * 5_000)),
    (("payment",), ("cash", 7, [], "\x00")),
)
"""Places of an order with values that no valid one has."""

UNKNOWN_TYPES = (
    "x",
    "plan.created",
    "v1.billing.meter.error",
    "Invoice.Paid",
    "invoice.paid ",
    "%s%n",
    "' OR 1=1 --",
    "{{7*7}}",
)
_OBJECTS: tuple[Any, ...] = (
    None,
    0,
    True,
    "x",
    [],
    [[]],
    {},
    {"id": None},
    {"id": 7},
    {"id": "\x00"},
    {"object": []},
)
_MOMENTS: tuple[Any, ...] = (-1, 10**20, 253_402_300_800, "now", None, 1.5, [], {}, True, "\x00")


def order(rng: Random) -> bytes:
    """Builds an order with at least one fault, in JSON that may be broken, too."""
    body = copy.deepcopy(_ORDER)
    if rng.random() < 0.5:
        place, values = rng.choice(_WRONG)
        _set(body, place, rng.choice(values))
        return json.dumps(body).encode()
    body["line_items"][0]["product"] = f"no-such-{rng.choice(TEXTS)}"
    for place in rng.sample(_PLACES, rng.randint(1, 3)):
        with contextlib.suppress(TypeError):  # an earlier text has taken the place of what held this one
            _set(body, place, rng.choice(TEXTS))
    raw = json.dumps(body, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    return raw.replace(b'"quantity": 3', b'"quantity": ' + rng.choice(NUMBERS)) if rng.random() < 0.4 else raw


def _set(body: Any, place: tuple[str | int, ...], value: Any) -> None:
    for step in place[:-1]:
        body = body[step]
    body[place[-1]] = value


def junk(rng: Random) -> bytes:
    """Draws bytes that are neither: a fixed monster, noise, or a genuine webhook cut or bent."""
    pick = rng.random()
    if pick < 0.6:
        return rng.choice(JUNK)
    if pick < 0.8:
        return rng.randbytes(rng.randrange(400))
    at = rng.randrange(len(GENUINE) - 1)
    return GENUINE[:at] if pick < 0.9 else GENUINE[:at] + b"\xff" + GENUINE[at + 1 :]


def stripe_event(rng: Random, number: int) -> bytes:
    """Builds an event to be signed: unknown, of the other mode, or broken in what its type needs."""
    told: dict[str, Any] = {
        "id": f"evt_fuzz_{number}",
        "object": "event",
        "api_version": Generation.ENDIVE.value,
        "created": 1_795_000_000,
        "data": {"object": {"id": "x", "name": rng.choice(TEXTS)}},
        "livemode": False,
        "type": rng.choice(UNKNOWN_TYPES),
    }
    match rng.randrange(6):
        case 0:
            told["data"] = rng.choice(_OBJECTS)
        case 1:
            told |= {"type": rng.choice(sorted(KINDS)), "data": {"object": rng.choice(_OBJECTS)}}
        case 2:
            told |= {"type": rng.choice(sorted(KINDS)), "created": rng.choice(_MOMENTS)}
        case 3:
            told |= {"id": rng.choice((*TEXTS, None, 7, [], {})), "data": {"object": {}}}
        case 4:
            told["type"] = rng.choice((*TEXTS[-12:], None, 7, [], {}, "a" * 300))
        case _:
            kind = rng.choice(sorted(KINDS))
            told |= {"type": kind, "data": {"object": {**KINDS[kind](Generation.ENDIVE), "note": "a\x00b"}}}
    return json.dumps(told).encode()


def warehouse_message(rng: Random) -> bytes:
    """Builds a message to be signed: of an unknown type, or without a usable sale or time."""
    told: dict[str, Any] = {
        "type": rng.choice(
            ("shipment.accepted", "shipment.shipped", "shipment.delivered", "shipment.failed")
        ),
        "timestamp": "2026-11-23T12:00:00Z",
        "data": {
            "sale_id": "sale_" + "a" * 26,
            "carrier": rng.choice(TEXTS),
            "tracking_url": rng.choice(TEXTS),
        },
    }
    match rng.randrange(3):
        case 0:
            told["type"] = rng.choice((*UNKNOWN_TYPES, None, 7, [], {}))
        case 1:
            told["timestamp"] = rng.choice(("", "now", "2026-11-23", "2026-11-23T12:00:00", *_MOMENTS))
        case _:
            told["data"] = rng.choice(
                (*_OBJECTS, {"sale_id": rng.choice((None, 7, [], {}, "", "\x00", "x" * 3_000))})
            )
    return json.dumps(told).encode()
