"""Hostile requests: draws what a stranger, or a broken sender with a true signature, may send to checkout-api."""

from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from hostile_bodies import junk, order, stripe_event, warehouse_message
from hostile_framing import framing, oversize
from hostile_signatures import SigningKeys, stripe_lies, stripe_proof, warehouse_lies, warehouse_proof
from hostile_values import HEADERS, TEXTS, TYPES
from malformed_webhooks import GENUINE

STRIPE, WAREHOUSE, ORDERS = "/webhooks/stripe", "/webhooks/warehouse", "/v1/checkout/sessions"
_PAGES = (
    "/v1/products",
    "/v1/countries",
    "/v1/countries/de",
    "/v1/organisations/org_0123456789abcdef01234567/access",
    "/docs",
    "/docs/page.js",
    "/docs/try.js",
    "/docs/page.css",
    "/livez",
    "/readyz",
    "/metrics",
    "/",
    "/openapi.json",
)
_METHODS = (b"GET",) * 6 + (b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"PROPFIND", b"PURGE")
LARGEST_ORDER = 64 * 1024
"""Bytes of an order beyond which the service refuses to read it and closes the connection."""
OVERSIZED = 0.0004
"""Share of the requests that are beyond every limit; each costs as much as hundreds of others."""
_SAFE = b"!$&'()*+,;=:@-._~/%"


class HostileRequest(NamedTuple):
    """The bytes of one request; `ends`: nothing can be told apart after it on its connection."""

    kind: str
    raw: bytes
    ends: bool = False


def unsigned(rng: Random, keys: SigningKeys) -> Iterator[HostileRequest]:
    """Draws requests without end that prove nothing, all of a seed's in the same order."""
    draws: tuple[tuple[int, Callable[[], HostileRequest]], ...] = (
        (30, lambda: HostileRequest("signature", _post(rng, STRIPE, _body(rng), stripe_lies(rng, keys)))),
        (
            12,
            lambda: HostileRequest("signature", _post(rng, WAREHOUSE, _body(rng), warehouse_lies(rng, keys))),
        ),
        (26, lambda: _order(rng)),
        (20, lambda: HostileRequest("reading", _read(rng))),
        (12, lambda: HostileRequest("framing", framing(rng, GENUINE), ends=True)),
    )
    makers, weights = [make for _, make in draws], [weight for weight, _ in draws]
    while True:
        if rng.random() < OVERSIZED * 50:
            yield HostileRequest(
                "oversize", oversize(rng, rng.choice((STRIPE, WAREHOUSE, ORDERS))), ends=True
            )
        for make in rng.choices(makers, weights, k=50):
            yield make()


def signed(rng: Random, keys: SigningKeys) -> Iterator[HostileRequest]:
    """Draws requests without end whose signature is true and whose body is hostile."""
    number = rng.getrandbits(48) << 20
    while True:
        number += 1
        if rng.random() < 0.7:
            body = stripe_event(rng, number) if rng.random() < 0.8 else junk(rng)
            yield HostileRequest(
                "signed", _post(rng, STRIPE, body, [stripe_proof(body, keys.stripe, keys.clock())])
            )
        else:
            body = warehouse_message(rng) if rng.random() < 0.8 else junk(rng)
            proof = warehouse_proof(body, keys.warehouse, f"msg_{number}", keys.clock())
            yield HostileRequest("signed", _post(rng, WAREHOUSE, body, proof))


def _order(rng: Random) -> HostileRequest:
    body = order(rng) if rng.random() < 0.7 else junk(rng)
    return HostileRequest("order", _post(rng, ORDERS, body, []), ends=len(body) > LARGEST_ORDER)


def _body(rng: Random) -> bytes:
    return GENUINE if rng.random() < 0.5 else junk(rng)


def _post(rng: Random, path: str, body: bytes, headers: list[bytes]) -> bytes:
    kind = b"content-type: " + (TYPES[0] if rng.random() < 0.7 else rng.choice(TYPES))
    lines = [kind, *headers, *(rng.choice(HEADERS) for _ in range(rng.randrange(3)))]
    rng.shuffle(lines)
    head = b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n" % (path.encode(), len(body))
    return head + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def _read(rng: Random) -> bytes:
    target = (
        rng.choice(_PAGES)
        if rng.random() < 0.2
        else rng.choice(("/v1/sales/", "/problems/", "/", "/docs/", "/v1/"))
    )
    path = target.encode()
    if rng.random() < 0.8:
        path += _quoted(rng.choice(TEXTS)) if rng.random() < 0.7 else b"%%%02x" % rng.randrange(256)
    if rng.random() < 0.3:
        path += b"?wait=" + _quoted(rng.choice(TEXTS)) + b"&since=%ff&&=&a=%zz"
    lines = b"".join(rng.choice(HEADERS) + b"\r\n" for _ in range(rng.randrange(4)))
    return b"%b %b HTTP/1.1\r\nhost: x\r\n%b\r\n" % (rng.choice(_METHODS), path, lines)


def _quoted(text: str) -> bytes:
    raw = text[:2_000].encode("utf-8", "surrogatepass")
    return b"".join(
        bytes([byte]) if (chr(byte).isalnum() and byte < 128) or byte in _SAFE else b"%%%02X" % byte
        for byte in raw
    )
