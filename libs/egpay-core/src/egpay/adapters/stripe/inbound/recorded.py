"""Recorded events: subscribed, stored and counted, with nothing that follows from them yet."""

from typing import Any

from egpay.adapters.stripe.inbound.envelope import EventHeader
from egpay.adapters.stripe.inbound.translated import NotOurs, Translated

NOTHING_FOLLOWS_YET = "recorded: nothing follows from events of this type yet"


def recorded(_header: EventHeader, _raw: Any) -> Translated:
    """Ignore the event with its reason; its body is not read, so no body is a fault."""
    raise NotOurs(NOTHING_FOLLOWS_YET)
