"""Subscription operations: subscriptions and their items over HTTP."""

from typing import Any

from egpay_sandbox.api.api_operation import ApiCall, ApiOperation, list_page
from egpay_sandbox.rendering.subscription import render_item
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.api_errors import missing_resource
from egpay_sandbox.stripe.objects import Subscription
from egpay_sandbox.stripe.requests.billing import (
    ItemUpdate,
    SubscriptionCancel,
    SubscriptionCreate,
    SubscriptionItemChange,
    SubscriptionItemCreate,
    SubscriptionItemList,
    SubscriptionList,
    SubscriptionUpdate,
)
from egpay_sandbox.stripe.requests.paging import AnyParams
from egpay_sandbox.stripe.subscription_changes import update_subscription
from egpay_sandbox.stripe.subscription_creation import create_subscription
from egpay_sandbox.stripe.subscription_lifecycle import cancel_subscription
from egpay_sandbox.stripe.subscriptions import list_subscriptions

_PATH = "/v1/subscriptions"
_ITEMS = "/v1/subscription_items"


def _create(call: ApiCall) -> dict[str, Any]:
    return render(call.account, create_subscription(call.account, call.params))


def _retrieve(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.subscriptions, call.row_id))


def _list(call: ApiCall) -> dict[str, Any]:
    rows = list_subscriptions(call.account, call.params)
    return list_page(call, _PATH, [render(call.account, row) for row in rows])


def _update(call: ApiCall) -> dict[str, Any]:
    return render(call.account, update_subscription(call.account, call.params, call.row_id))


def _cancel(call: ApiCall) -> dict[str, Any]:
    return render(call.account, cancel_subscription(call.account, call.params, call.row_id))


def _create_item(call: ApiCall) -> dict[str, Any]:
    params: SubscriptionItemCreate = call.params
    before = get_or_404(call.account.subscriptions, params.subscription, "subscription")
    change = ItemUpdate(price=params.price, quantity=params.quantity, metadata=params.metadata)
    after = _change(call, before, change, params)
    known = [item.id for item in before.items]
    return render_item(call.account, next(item for item in after.items if item.id not in known))


def _update_item(call: ApiCall) -> dict[str, Any]:
    params: SubscriptionItemChange = call.params
    change = ItemUpdate(
        id=call.row_id, price=params.price, quantity=params.quantity, metadata=params.metadata
    )
    after = _change(call, _subscription_of(call), change, params)
    return render_item(call.account, next(item for item in after.items if item.id == call.row_id))


def _delete_item(call: ApiCall) -> dict[str, Any]:
    _change(call, _subscription_of(call), ItemUpdate(id=call.row_id, deleted=True), call.params)
    return {"id": call.row_id, "object": "subscription_item", "deleted": True}


def _items(call: ApiCall) -> dict[str, Any]:
    params: SubscriptionItemList = call.params
    sub = get_or_404(call.account.subscriptions, params.subscription, "subscription")
    return list_page(call, _ITEMS, [render_item(call.account, item) for item in sub.items])


def _change(
    call: ApiCall, sub: Subscription, change: ItemUpdate, params: SubscriptionItemChange
) -> Subscription:
    asked = SubscriptionUpdate(items=[change], proration_behavior=params.proration_behavior)
    return update_subscription(call.account, asked, sub.id)


def _subscription_of(call: ApiCall) -> Subscription:
    for sub in call.account.subscriptions:
        if call.row_id in [item.id for item in sub.items]:
            return sub
    raise missing_resource("subscription_item", call.row_id)


OPERATIONS = [
    ApiOperation("POST", _PATH, SubscriptionCreate, _create),
    ApiOperation("GET", _PATH, SubscriptionList, _list),
    ApiOperation("GET", f"{_PATH}/{{id}}", AnyParams, _retrieve),
    ApiOperation("POST", f"{_PATH}/{{id}}", SubscriptionUpdate, _update),
    ApiOperation("DELETE", f"{_PATH}/{{id}}", SubscriptionCancel, _cancel),
    ApiOperation("POST", _ITEMS, SubscriptionItemCreate, _create_item),
    ApiOperation("GET", _ITEMS, SubscriptionItemList, _items),
    ApiOperation("POST", f"{_ITEMS}/{{id}}", SubscriptionItemChange, _update_item),
    ApiOperation("DELETE", f"{_ITEMS}/{{id}}", SubscriptionItemChange, _delete_item),
]
