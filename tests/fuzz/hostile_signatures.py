"""Hostile signatures: headers that look right and prove nothing, beside those that prove a body."""

import base64
import hmac
import time
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from malformed_webhooks import GENUINE


class SigningKeys(NamedTuple):
    """The two secrets with which a sender proves itself, and the time that it puts beside its signature."""

    stripe: str
    warehouse: str
    clock: Callable[[], float] = time.time


def stripe_proof(body: bytes, secret: str, at: float) -> bytes:
    """Builds the header that Stripe would send."""
    stamp = b"%d" % at
    return b"stripe-signature: t=%b,v1=%b" % (stamp, _hex(secret, stamp + b"." + body))


def _hex(secret: str, message: bytes) -> bytes:
    return hmac.digest(secret.encode(), message, "sha256").hex().encode()


def stripe_lies(rng: Random, keys: SigningKeys) -> list[bytes]:
    """Draws signature headers that look right and are not: the body they fit is another one, or too old."""
    now, body = keys.clock(), b"another body"
    true = stripe_proof(body, keys.stripe, now)
    count = rng.choice((1, 2, 25, 500))
    many = b"stripe-signature: t=%d" % now + b"".join(
        b",v1=%064x" % rng.getrandbits(256) for _ in range(count)
    )
    lies: tuple[list[bytes], ...] = (
        [],
        [true],
        [true, true],
        [true.upper()],
        [true[:-1]],
        [many],
        [stripe_proof(GENUINE, keys.stripe, now - 301 - rng.randrange(10**8))],
        [stripe_proof(GENUINE, keys.stripe, now + 400 + rng.randrange(10**8))],
        [stripe_proof(GENUINE, "whsec_guess", now)],
        [stripe_proof(GENUINE, "", now)],
        [stripe_proof(GENUINE, keys.stripe, now).replace(b"v1=", b"v0=")],
        [stripe_proof(GENUINE, keys.stripe, now).replace(b"t=", b"t=0,t=")],
        [
            b"stripe-signature: "
            + rng.choice(
                (b"t=", b"t=1", b"v1=1", b"t=1e9,v1=a", b"t=-1,v1=a", b"t=\xb2,v1=a", b",,,=", b"\xff")
            )
        ],
        [b"stripe-signature: t=" + b"9" * rng.choice((12, 13, 40, 9_000)) + b",v1=a"],
        [b"stripe-signature: " + _printable(rng)],
    )
    return rng.choice(lies)


def warehouse_proof(body: bytes, secret: str, message_id: str, at: float) -> list[bytes]:
    """Builds the three headers of Standard Webhooks over whatever bytes."""
    key, stamp = base64.b64decode(secret.removeprefix("whsec_")), b"%d" % at
    proof = base64.b64encode(hmac.digest(key, b"%b.%b.%b" % (message_id.encode(), stamp, body), "sha256"))
    return [
        b"webhook-id: " + message_id.encode(),
        b"webhook-timestamp: " + stamp,
        b"webhook-signature: v1," + proof,
    ]


def warehouse_lies(rng: Random, keys: SigningKeys) -> list[bytes]:
    """Draws headers of Standard Webhooks that prove nothing about the body."""
    now = keys.clock()
    name, stamp, proof = warehouse_proof(b"another body", keys.warehouse, "msg_1", now)
    lies: tuple[list[bytes], ...] = (
        [],
        [name, stamp],
        [name, stamp, proof],
        [name, stamp, b"webhook-signature: " + b"v1,x " * rng.choice((1, 100, 1_500))],
        [
            name,
            b"webhook-timestamp: " + rng.choice((b"", b"-1", b"1e9", b"\xb2", b"9" * 12, b"9" * 13, b"0")),
            proof,
        ],
        [b"webhook-id: " + _printable(rng), stamp, proof],
        warehouse_proof(GENUINE, keys.warehouse, "msg_1", now - 400 - rng.randrange(10**8)),
        warehouse_proof(GENUINE, "whsec_Z3Vlc3NndWVzc2d1ZXNzZ3Vlc3M=", "msg_1", now),
        [name, stamp, proof, b"webhook-id: msg_2", b"webhook-signature: v1,x"],
    )
    return rng.choice(lies)


def _printable(rng: Random) -> bytes:
    return bytes(byte for byte in rng.randbytes(rng.randrange(200)) if byte > 0x20 and byte != 0x7F)
