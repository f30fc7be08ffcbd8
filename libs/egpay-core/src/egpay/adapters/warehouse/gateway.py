"""Warehouse gateway: sends signed instructions, which the warehouse deduplicates by their id."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import msgspec

from egpay.adapters.retry_after import parse_retry_after
from egpay.adapters.tls_trust import tls_context
from egpay.adapters.warehouse.signing import Signing
from egpay.domain.errors import Outage, PausedByProvider, RefusedByProvider, RequestRefused
from egpay.domain.printable import LONGEST_NAME, LONGEST_PART, one_line
from egpay.domain.values import Address, MessageId, SaleId
from egpay.ports.clock import Clock
from egpay.ports.fulfilment import ShippingOrder

TIMEOUT = 10.0
"""Timeout of one message in seconds."""

_PAUSES = frozenset({429, 503})
"""With Retry-After these are about all our messages."""

_REFUSES_US = frozenset({401, 403, 404, 405, 407, 408, 409, 421, 425})
"""Not about the order: secret, address, proxy or the warehouse's own set-up; redirects are the same."""

_CODE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
"""A code such as `invalid_address`. One word alone could be a name that the answer repeats."""


class _Answer(msgspec.Struct, frozen=True):
    code: str | None = None


@dataclass(frozen=True, slots=True)
class WarehouseGateway:
    """Port `Warehouse` over HTTP; each retry has the same id, so that the warehouse acts once.

    Each try is signed again, because a signature is valid for five minutes only. Everything it is sent is
    described in docs/warehouse.md."""

    url: str
    signing: Signing = field(repr=False)
    client: httpx.AsyncClient = field(repr=False)
    clock: Clock

    @classmethod
    def connect(cls, *, url: str, secret: str, clock: Clock, timeout: float = TIMEOUT) -> "WarehouseGateway":
        """Post to `url`, without following redirects, because they would carry an address elsewhere."""
        client = httpx.AsyncClient(timeout=timeout, follow_redirects=False, verify=tls_context())
        return cls(url=url, signing=Signing(secret), client=client, clock=clock)

    async def ship(self, order: ShippingOrder, *, key: MessageId, revision: int = 0) -> None:
        """Send `shipment.requested`, with everything the parcel needs."""
        content: dict[str, Any] = {
            "sale_id": order.sale_id,
            "name": _label(order.name),
            "organisation": _label(order.organisation),
            "address": _address_label(order.address),
            "items": _items(order),
        }
        if order.attempt > 1:
            content["attempt"] = order.attempt
        await self._say("shipment.requested", content, key, revision)

    async def hold(self, sale_id: SaleId, *, key: MessageId, revision: int = 0) -> None:
        """Send `shipment.held`: the devices wait until further notice."""
        await self._say("shipment.held", {"sale_id": sale_id}, key, revision)

    async def release(self, sale_id: SaleId, *, key: MessageId, revision: int = 0) -> None:
        """Send `shipment.released`: held devices may ship."""
        await self._say("shipment.released", {"sale_id": sale_id}, key, revision)

    async def change(self, order: ShippingOrder, *, key: MessageId, revision: int = 0) -> None:
        """Send `shipment.changed`: these devices, to this address, instead of those of a lower revision."""
        content = {
            "sale_id": order.sale_id,
            "name": _label(order.name),
            "organisation": _label(order.organisation),
            "address": _address_label(order.address),
            "items": _items(order),
        }
        await self._say("shipment.changed", content, key, revision)

    async def cancel(self, sale_id: SaleId, *, key: MessageId, revision: int = 0) -> None:
        """Send `shipment.cancelled`: the devices are not shipped."""
        await self._say("shipment.cancelled", {"sale_id": sale_id}, key, revision)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.client.aclose()

    async def _say(self, kind: str, content: Mapping[str, Any], key: MessageId, revision: int) -> None:
        now, number = self.clock(), {"revision": revision} if revision else {}
        body = msgspec.json.encode({"type": kind, "timestamp": now, "data": {**content, **number}})
        headers = {"content-type": "application/json", **self.signing.headers(key, body, at=now)}
        try:
            answer = await self.client.post(self.url, content=body, headers=headers)
        except (httpx.HTTPError, OSError, AttributeError) as fault:
            raise Outage(f"the warehouse is out of reach: {type(fault).__name__}") from None
        _accept(answer, at=now)


def _items(order: ShippingOrder) -> list[dict[str, Any]]:
    return [
        {"product": line.product, "name": _label(line.name), "quantity": line.quantity}
        for line in order.devices
    ]


def _label(text: str) -> str:
    """One line of a label: a control character is a command to a label printer, an override turns digits round."""
    return one_line(text, longest=LONGEST_NAME)


def _address_label(address: Address) -> dict[str, str]:
    parts = msgspec.structs.asdict(address)
    longest = {"line1": LONGEST_NAME}
    return {part: one_line(text, longest=longest.get(part, LONGEST_PART)) for part, text in parts.items()}


def _accept(answer: httpx.Response, *, at: datetime) -> None:
    if answer.is_success:
        return
    status, code = answer.status_code, _code(answer.content)
    said = f"the warehouse answered {status}" + (f" {code}" if code else "")
    retry_after = parse_retry_after(answer.headers, at=at)
    if status in _PAUSES and retry_after is not None:
        raise PausedByProvider(said, retry_after=retry_after)
    if status in _REFUSES_US or status < 400:
        raise RefusedByProvider(said, status=status, retry_after=retry_after)
    if status in _PAUSES or answer.is_server_error:
        raise Outage(said, retry_after=retry_after)
    raise RequestRefused(said, code=code)


def _code(body: bytes) -> str | None:
    """The warehouse's own code; the rest of its answer may repeat a name or an address."""
    try:
        code = msgspec.json.decode(body, type=_Answer).code
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return code if code and len(code) <= 64 and _CODE.fullmatch(code) else None
