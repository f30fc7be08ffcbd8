"""Product's view: the newest state of each object that it was told of, whatever was lost, doubled or late."""

from typing import Any

import msgspec

from egpay_sandbox.clock import Clock
from egpay_sandbox.sqlite_store import SqliteStore

_NAMED_BY = {
    "organisation": "organisation_id",
    "access": "organisation_id",
    "subscription": "subscription_id",
    "sale": "sale_id",
    "shipment": "sale_id",
}


class ProductNews(msgspec.Struct, frozen=True):
    """News as it is posted: the type, when, and the state with its version."""

    type: str
    timestamp: str
    data: dict[str, Any]


class ToldObject(msgspec.Struct, frozen=True, kw_only=True):
    """What the product knows of an object; `heard` counts how often it was told, old and double news too."""

    id: str
    type: str
    version: int
    data: dict[str, Any]
    at: float
    heard: int = 1


class MalformedNews(Exception):
    """News that names no object or no version; the text says which."""


class ToldObjects:
    """Stores what is newer than what it knows, and refuses what a test scripts."""

    def __init__(self, sqlite_store: SqliteStore, clock: Clock) -> None:
        self.objects = sqlite_store.collection("known_objects", ToldObject)
        self._clock = clock
        self._refusal: tuple[int, int] = (503, 0)

    def refuse_next(self, status: int, times: int) -> None:
        """Refuses the next `times` messages with this HTTP status."""
        self._refusal = (status, times)

    def next_refusal(self) -> int | None:
        """Returns the status to refuse this message with, or None; a refusal counts."""
        status, left = self._refusal
        if not left:
            return None
        self._refusal = (status, left - 1)
        return status

    def receive(self, news: ProductNews) -> bool:
        """Takes news; False for what is no newer than what it knows. Raises MalformedNews."""
        name, version = _object_of(news), news.data.get("version")
        if not isinstance(version, int):
            raise MalformedNews("there is no version")
        known = self.objects.get(name)
        if known is not None and known.version >= version:
            self.objects.store(msgspec.structs.replace(known, heard=known.heard + 1))
            return False
        heard = known.heard + 1 if known else 1
        self.objects.store(
            ToldObject(
                id=name,
                type=news.type,
                version=version,
                data=news.data,
                at=self._clock.wall(),
                heard=heard,
            )
        )
        return True

    def clear(self) -> None:
        """Forgets the scripted refusals; what it knows goes with the store."""
        self._refusal = (503, 0)


def _object_of(news: ProductNews) -> str:
    kind = news.type.partition(".")[0]
    name = news.data.get(_NAMED_BY.get(kind, ""))
    if not isinstance(name, str):
        raise MalformedNews("there is no object of a known kind")
    return f"{kind}:{name}"
