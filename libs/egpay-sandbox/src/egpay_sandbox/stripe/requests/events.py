"""Parameters of events and webhook endpoints."""

from typing import Annotated

import msgspec

from egpay_sandbox.stripe.requests.checkout import MetadataParam
from egpay_sandbox.stripe.requests.paging import ListParams, Params


class EventList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/events/list: `types` holds at most 20."""

    type: str | None = None
    types: Annotated[list[str], msgspec.Meta(max_length=20)] | None = None
    delivery_success: bool | None = None


class EndpointCreate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/webhook_endpoints/create."""

    url: str
    enabled_events: Annotated[list[str], msgspec.Meta(min_length=1)]
    api_version: str | None = None
    description: str | None = None
    metadata: MetadataParam = None
    connect: bool = False


class EndpointUpdate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/webhook_endpoints/update: the API version cannot change."""

    url: str | None = None
    enabled_events: Annotated[list[str], msgspec.Meta(min_length=1)] | None = None
    description: str | None = None
    disabled: bool | None = None
    metadata: MetadataParam = None
