"""API operation: a method and path template with the parameters it takes and the JSON it answers."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from egpay_sandbox.delivery.delivery_log import DeliveryLog
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.requests.paging import ListParams, Params


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One request as an operation receives it: `row_id` is the id in the path, if any."""

    account: SandboxAccount
    delivery_log: DeliveryLog
    params: Any
    row_id: str = ""


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """One row of the operation table.

    `path` is a template such as `/v1/customers/{id}`; `run` answers the JSON object.
    """

    method: str
    path: str
    params: type[Params]
    run: Callable[[ApiCall], dict[str, Any]]

    def match(self, method: str, path: str) -> str | None:
        """Returns the id in the path ("" when the template has none), or None for another operation."""
        if method != self.method:
            return None
        found = re.fullmatch(re.escape(self.path).replace(r"\{id\}", r"([^/]+)"), path)
        if found is None:
            return None
        return found[1] if found.groups() else ""


def list_page(call: ApiCall, path: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Pagination: cuts one page out of a complete, newest-first list (docs.stripe.com/api/pagination).

    With `ending_before` it is the page just before that object, still newest first.
    """
    params: ListParams = call.params
    shown = [row for row in rows if params.covers(row.get("created", 0))]
    ids = [row["id"] for row in shown]
    if params.ending_before in ids:
        before = shown[: ids.index(params.ending_before)]
        chosen, more = before[-params.limit :], len(before) > params.limit
    else:
        start = ids.index(params.starting_after) + 1 if params.starting_after in ids else 0
        chosen, more = shown[start : start + params.limit], len(shown) > start + params.limit
    return {"object": "list", "data": chosen, "has_more": more, "url": path}
