"""Event operations: events and webhook endpoints over HTTP."""

from typing import Any

from egpay_sandbox.api.api_operation import ApiCall, ApiOperation, list_page
from egpay_sandbox.rendering.event import render_event
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.objects import Event
from egpay_sandbox.stripe.requests.events import EndpointCreate, EndpointUpdate, EventList
from egpay_sandbox.stripe.requests.paging import AnyParams, ListParams
from egpay_sandbox.stripe.webhook_endpoints import create_endpoint, update_endpoint

_MONTH = 30 * 24 * 3600


def _event(call: ApiCall) -> dict[str, Any]:
    return _rendered(call, get_or_404(call.account.events, call.row_id))


def _events(call: ApiCall) -> dict[str, Any]:
    """Lists the last 30 days (docs.stripe.com/api/events/list); renders only one page of them."""
    params: EventList = call.params
    oldest = call.account.clock.now() - _MONTH
    rows = [
        {"id": event.id, "created": event.created}
        for event in call.account.events.newest_first()
        if event.created >= oldest
        and _matches_type(params, event.type)
        and (params.delivery_success is None or params.delivery_success == _delivered(call, event))
    ]
    shown = list_page(call, "/v1/events", rows)
    return {**shown, "data": [_rendered(call, call.account.events[row["id"]]) for row in shown["data"]]}


def _matches_type(params: EventList, event_type: str) -> bool:
    """Matches an event type; `type` may end in a star, as in `invoice.*`."""
    wanted = params.types or ([params.type] if params.type else ["*"])
    return any(event_type == w or (w.endswith("*") and event_type.startswith(w[:-1])) for w in wanted)


def _delivered(call: ApiCall, event: Event) -> bool:
    return call.delivery_log.pending_count(event.id) == 0


def _rendered(call: ApiCall, event: Event) -> dict[str, Any]:
    return render_event(call.account, event, pending=call.delivery_log.pending_count(event.id))


def _create_endpoint(call: ApiCall) -> dict[str, Any]:
    endpoint = create_endpoint(call.account, call.params)
    return {**render(call.account, endpoint), "secret": endpoint.secrets[0].value}


def _endpoint(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.endpoints, call.row_id))


def _endpoints(call: ApiCall) -> dict[str, Any]:
    rows = call.account.endpoints.newest_first()
    return list_page(call, "/v1/webhook_endpoints", [render(call.account, row) for row in rows])


def _update_endpoint(call: ApiCall) -> dict[str, Any]:
    return render(call.account, update_endpoint(call.account, call.params, call.row_id))


def _delete_endpoint(call: ApiCall) -> dict[str, Any]:
    endpoint = get_or_404(call.account.endpoints, call.row_id)
    call.account.endpoints.remove(endpoint.id)
    return {"id": endpoint.id, "object": "webhook_endpoint", "deleted": True}


OPERATIONS = [
    ApiOperation("GET", "/v1/events", EventList, _events),
    ApiOperation("GET", "/v1/events/{id}", AnyParams, _event),
    ApiOperation("POST", "/v1/webhook_endpoints", EndpointCreate, _create_endpoint),
    ApiOperation("GET", "/v1/webhook_endpoints", ListParams, _endpoints),
    ApiOperation("GET", "/v1/webhook_endpoints/{id}", AnyParams, _endpoint),
    ApiOperation("POST", "/v1/webhook_endpoints/{id}", EndpointUpdate, _update_endpoint),
    ApiOperation("DELETE", "/v1/webhook_endpoints/{id}", AnyParams, _delete_endpoint),
]
