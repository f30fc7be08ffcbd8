"""Public events: news for the product, under `billing.public.<name>`; ids and versions only."""

from typing import TypeAlias

from egpay.domain.events.event import EventBase
from egpay.domain.values import OrganisationId


class AccessChanged(EventBase, frozen=True, kw_only=True, tag="access.changed"):
    """The access of an organisation changed; `version` grows with each change, so that a reader drops what is old."""

    organisation_id: OrganisationId
    version: int


PublicEvent: TypeAlias = AccessChanged
PUBLIC_EVENTS: tuple[type[PublicEvent], ...] = (AccessChanged,)
"""The closed set; the product asks the database or the API for what an event does not say."""
