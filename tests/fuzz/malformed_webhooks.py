"""Malformed input of a hostile, broken or unknown sender: bytes that are no webhook, wrong webhooks."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from egpay.testing import stripe_objects
from egpay.testing.stripe_events import event
from egpay.testing.stripe_objects import Generation

KINDS: dict[str, Callable[..., Any]] = {
    "checkout.session.completed": stripe_objects.session,
    "customer.subscription.updated": stripe_objects.subscription,
    "invoice.paid": stripe_objects.invoice,
    "charge.refunded": stripe_objects.charge,
    "refund.failed": stripe_objects.refund,
}

odd_values: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**31, 2**63, 2**64, 10**40, -(10**40), 1e308, 0.1, 253_402_300_800]),
    st.text(max_size=20),
    st.sampled_from(
        ["", "\x00", "a\x00b", "\ud7ff", "\U0010ffff", "x" * 5_000, "null", "../../etc", "' OR 1=1 --"]
    ),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)
"""Wrong for nearly every field."""


def paths(value: Any, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Lists the path of every part of a JSON value."""
    found = [here] if here else []
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        found += paths(child, (*here, key))
    return found


@st.composite
def wrong_somewhere(draw: st.DrawFn) -> bytes:
    """Draws a genuine event with one to three of its fields of another type, gone or absurd."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    content = KINDS[kind](draw(st.sampled_from(list(Generation))))
    told = json.loads(event(kind, content, event_id=f"evt_{draw(st.integers(0, 10**12))}"))
    for path in draw(st.lists(st.sampled_from(paths(told)), min_size=1, max_size=3)):
        with contextlib.suppress(
            LookupError, TypeError
        ):  # what an earlier change took away cannot be changed
            _change(told, path, draw(odd_values), gone=draw(st.booleans()))
    return json.dumps(told).encode()


def _change(value: Any, path: tuple[str | int, ...], odd: Any, *, gone: bool) -> None:
    for key in path[:-1]:
        value = value[key]
    if gone:
        del value[path[-1]]
    else:
        value[path[-1]] = odd


GENUINE = event("invoice.paid", stripe_objects.invoice(Generation.ENDIVE))

no_webhook: st.SearchStrategy[bytes] = st.one_of(
    st.binary(max_size=300),
    st.integers(0, len(GENUINE) - 1).map(lambda end: GENUINE[:end]),
    st.integers(0, len(GENUINE) - 1).map(lambda at: GENUINE[:at] + b"\xff" + GENUINE[at + 1 :]),
    st.integers(0, len(GENUINE) - 1).map(lambda at: GENUINE[:at] + b"\x00" + GENUINE[at + 1 :]),
    st.integers(1, 200_000).map(lambda depth: b"[" * depth),
    st.integers(1, 100_000).map(lambda depth: b'{"a":' * depth + b"1" + b"}" * depth),
    st.integers(1, 100_000).map(lambda digits: b'{"id":' + b"9" * digits + b"}"),
    st.sampled_from(
        [b"", b" ", b"null", b"0", b'""', b"[]", b"{}", b"NaN", b"-", b'{"id":"evt_1"', b'{"id":"\\ud800"}']
    ),
    st.recursive(odd_values, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)).map(
        lambda value: json.dumps(value).encode("utf-8", "surrogatepass")
    ),
)
"""Bytes that are no webhook."""

headers: st.SearchStrategy[bytes] = st.one_of(
    st.binary(max_size=100).map(lambda raw: bytes(byte for byte in raw if byte > 0x20 and byte != 0x7F)),
    st.text("tv10=,.", max_size=60).map(str.encode),
    st.integers(1, 8_000).map(lambda count: b"t=1," + b"v1=0," * count),
    st.sampled_from([b"t=", b"t=1", b"v1=1", b"t=1e9,v1=a", b"t=-1,v1=a", b"t=" + b"9" * 40 + b",v1=a"]),
)
"""Signatures that prove nothing; the client itself refuses to send control characters."""
