"""Stripe API client: maps every failure to an error by who must act, and quotes no buyer.

With its transport the only module that imports the `stripe` package (0.3 s, 20 MB), which is used for what it
does well: authentication, encoding, versions, retries under one idempotency key. Our own decoders read the
responses.
"""

import contextlib
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import stripe

from egpay.adapters.retry_after import parse_retry_after
from egpay.adapters.stripe.outbound.transport import Transport
from egpay.domain.errors import Defect, Outage, PausedByProvider, RefusedByProvider, RequestRefused
from egpay.domain.values import is_id

T = TypeVar("T")

TIMEOUT = 8.0
"""Timeout of one try in seconds; Stripe answers most requests within one second."""

RETRIES = 2
"""Retries of connection errors, 409 and 5xx, after half a second and a second."""

_COMES_BACK = frozenset({409, 429})
"""Retryable: a concurrent request holds key or object; rate limit (docs.stripe.com/rate-limits)."""

_PAUSES = frozenset({429, 503})
"""With Retry-After these are about all our requests."""

_NAME = re.compile(r"[A-Za-z0-9_]{1,64}(?:\[[A-Za-z0-9_]{0,64}\]){0,8}")

_REFUSES_US = frozenset({401, 403})
"""Our key is wrong, rolled, or lacks a right (docs.stripe.com/keys): not about what we sent."""


@dataclass(frozen=True, slots=True)
class StripeApi:
    """Stripe's API by path: returns the JSON body of the response.

    Raises Outage when Stripe is down, slow or busy or refuses our key, and Defect when it refuses what we
    sent."""

    client: stripe.StripeClient = field(repr=False)
    transport: Transport = field(repr=False)

    async def post(self, path: str, params: Mapping[str, Any], *, idempotency_key: str) -> bytes:
        """POST under an idempotency key (docs.stripe.com/api/idempotent_requests).

        Stripe refuses the same key with other parameters, so build them from what is stored."""
        return await self._ask("post", path, {**params, "idempotency_key": idempotency_key})

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> bytes | None:
        """GET; None when Stripe answers 404."""
        try:
            return await self._ask("get", path, params or {})
        except _Unknown:
            return None

    async def delete(self, path: str) -> None:
        """DELETE; what Stripe does not know is deleted. It takes no idempotency key, and needs none."""
        with contextlib.suppress(_Unknown):
            await self._ask("delete", path, {})

    async def aclose(self) -> None:
        """Close the connections."""
        await self.transport.close_async()

    async def _ask(self, method: str, path: str, params: Mapping[str, Any]) -> bytes:
        try:
            answer = await self.client.raw_request_async(method, path, **params)
        except stripe.StripeError as fault:
            raise _failure(fault) from None
        body: str = answer.body
        return body.encode()


class CachedFailure(Outage):
    """Stripe has cached its own failure under this idempotency key and replays it, for a day or more.

    Only another key gets another answer (docs.stripe.com/api/idempotent_requests)."""


class _Unknown(RequestRefused):
    """Stripe has no such object."""


def connect(
    secret_key: str, *, api_base: str | None = None, timeout: float = TIMEOUT, retries: int = RETRIES
) -> StripeApi:
    """A client with a key of ours; `api_base` only to point it at the sandbox.

    `timeout` is in seconds for each of the first try and its `retries`."""
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


def path_id(value: str, what: str) -> str:
    """An id on its way into a path; raises Defect naming `what` when it has not the form of one.

    Escaping would not do: `..` stays what it is, and httpx then asks for another path than the one written."""
    if not is_id(value):
        raise Defect(f"the id of a {what} has not the form of one")
    return value


def read(answer: bytes, kind: type[T]) -> T:
    """Decode the fields that `kind` declares; raises Defect, which names the field, when one is missing."""
    try:
        return msgspec.json.decode(answer, type=kind)
    except msgspec.MsgspecError as fault:
        raise Defect(f"Stripe's answer is not understood: {fault}") from None


def _failure(fault: stripe.StripeError) -> Outage | Defect:
    """Map to an error by who must act, without Stripe's message, because that may quote what we sent."""
    status = fault.http_status
    what = f"Stripe: {type(fault).__name__} {status or ''}".rstrip()
    if status is None:
        return Outage("Stripe is out of reach")
    if status in _COMES_BACK or status >= 500 or status < 400 or isinstance(fault, stripe.RateLimitError):
        return _outage(what, status, fault.headers or {})
    if status in _REFUSES_US:
        return RefusedByProvider(what, status=status)
    return _refusal(fault, what, unknown=status == 404)


def _refusal(fault: stripe.StripeError, what: str, *, unknown: bool) -> RequestRefused:
    code, param = _name(fault.code), _name(getattr(fault, "param", None))
    request_id = fault.request_id if is_id(fault.request_id or "") else None
    detail = " ".join(filter(None, (what, code, param, request_id and f"({request_id})")))
    return (_Unknown if unknown else RequestRefused)(detail, code=code, param=param, request_id=request_id)


def _name(answered: object) -> str | None:
    """A code or the name of a parameter; None for anything else, which may be a value that we sent."""
    return answered if isinstance(answered, str) and _NAME.fullmatch(answered) else None


def _outage(what: str, status: int, headers: Mapping[str, str]) -> Outage:
    retry_after = parse_retry_after(headers)
    if headers.get("idempotent-replayed") == "true":
        return CachedFailure(what, retry_after=retry_after)
    if status in _PAUSES and retry_after is not None:
        return PausedByProvider(what, retry_after=retry_after)
    return Outage(what, retry_after=retry_after)
