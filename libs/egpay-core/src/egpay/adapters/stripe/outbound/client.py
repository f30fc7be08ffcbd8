"""Questions and wishes to Stripe's API: every failure is told apart by who must act, and none quotes the buyer.

With its transport the only module that imports the `stripe` package (0.3 s, 20 MB), which is used for what it does
well: authentication, encoding, versions, retries under one idempotency key. Answers are read by our own decoders.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import stripe

from egpay.adapters.stripe.outbound.transport import Transport
from egpay.domain.errors import Defect, Outage

T = TypeVar("T")

TIMEOUT = 8.0
"""Seconds for one try; Stripe answers most requests within one."""

RETRIES = 2
"""Further tries of connection errors, 409 and 5xx, half a second and a second later."""

_COMES_BACK = frozenset({409, 429})
"""Somebody else holds the idempotency key or the object; too many requests (docs.stripe.com/rate-limits)."""


@dataclass(frozen=True, slots=True)
class StripeApi:
    """Stripe's API by path. Answers are the JSON body; raises Outage when Stripe is down, slow or busy, and Defect
    when it refuses what we sent."""

    client: stripe.StripeClient = field(repr=False)
    transport: Transport = field(repr=False)

    async def post(self, path: str, params: Mapping[str, Any], *, idempotency_key: str) -> bytes:
        """Wish for something. The same key with other parameters is refused by Stripe, so build them from what is
        stored (docs.stripe.com/api/idempotent_requests)."""
        return await self._ask("post", path, {**params, "idempotency_key": idempotency_key})

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> bytes | None:
        """Ask for something; None when Stripe does not know it."""
        try:
            return await self._ask("get", path, params or {})
        except _Unknown:
            return None

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self.transport.close_async()

    async def _ask(self, method: str, path: str, params: Mapping[str, Any]) -> bytes:
        try:
            answer = await self.client.raw_request_async(method, path, **params)
        except stripe.StripeError as fault:
            raise _failure(fault) from None
        body: str = answer.body
        return body.encode()


class CachedFailure(Outage):
    """Stripe has kept its own failure under this idempotency key and replays it, for a day or more: only another key
    gets another answer (docs.stripe.com/api/idempotent_requests)."""


class _Unknown(Defect):
    """Stripe does not know the object."""


def connect(
    secret_key: str, *, api_base: str | None = None, timeout: float = TIMEOUT, retries: int = RETRIES
) -> StripeApi:
    """A client with a key of ours; `api_base` only to point it at the sandbox. `timeout` is in seconds for each of
    the first try and its `retries`."""
    stripe.enable_telemetry = False  # it writes a file into the home directory
    logging.getLogger("stripe").setLevel(logging.WARNING)  # its INFO quotes messages that may name the buyer
    transport = Transport(timeout)
    client = stripe.StripeClient(
        secret_key,
        http_client=transport,
        max_network_retries=retries,
        base_addresses={"api": api_base.rstrip("/")} if api_base else None,
    )
    return StripeApi(client, transport)


def read(answer: bytes, kind: type[T]) -> T:
    """The part of an answer that `kind` declares; raises Defect, which names the field, when it is not there."""
    try:
        return msgspec.json.decode(answer, type=kind)
    except msgspec.MsgspecError as fault:
        raise Defect(f"Stripe's answer is not understood: {fault}") from None


def _failure(fault: stripe.StripeError) -> Outage | Defect:
    """Who must act. Only Stripe's own words for the kind of fault are kept: its message may quote what we sent."""
    status = fault.http_status
    what = f"Stripe: {type(fault).__name__} {status or ''}".rstrip()
    if status is None:
        return Outage("Stripe is out of reach")
    if status in _COMES_BACK or status >= 500 or status < 400 or isinstance(fault, stripe.RateLimitError):
        replayed = (fault.headers or {}).get("idempotent-replayed") == "true"
        return (CachedFailure if replayed else Outage)(what, retry_after=_seconds(fault.headers))
    detail = " ".join(filter(None, (fault.code, getattr(fault, "param", None))))
    return (_Unknown if status == 404 else Defect)(f"{what} {detail}".rstrip())


def _seconds(headers: Mapping[str, str] | None) -> float | None:
    text = (headers or {}).get("retry-after", "")
    return float(text) if text.isdecimal() else None
