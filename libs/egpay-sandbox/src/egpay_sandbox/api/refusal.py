"""Refusal injection: the API refuses some calls as Stripe would, with a chosen code and parameter."""

from typing import Annotated, Literal

import msgspec

from egpay_sandbox.stripe.api_errors import StripeApiError


class RefusalPlan(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is refused and how; it ends after `calls` calls, or lasts until it is lifted."""

    code: str | None = None
    param: str | None = None
    status: Literal[400, 401, 402, 403, 404, 409] = 400
    calls: Annotated[int, msgspec.Meta(ge=1)] | None = None
    method: Literal["GET", "POST", "DELETE"] = "POST"
    path: str = "/v1"


class RefusalSwitch:
    """Switches a refusal on and off; a refused call is not carried out, and its idempotency key stays free."""

    def __init__(self) -> None:
        self._plan: RefusalPlan | None = None
        self._calls_left = 0

    def begin(self, plan: RefusalPlan) -> None:
        """Starts the refusal."""
        self._plan, self._calls_left = plan, plan.calls or 0

    def end(self) -> None:
        """Ends the refusal."""
        self._plan = None

    def current(self) -> RefusalPlan | None:
        """Returns the plan in force, or None."""
        used_up = self._plan is not None and self._plan.calls is not None and self._calls_left == 0
        return None if used_up else self._plan

    def check(self, method: str, path: str) -> None:
        """Raises the plan's error if it hits this call; a hit counts."""
        plan = self.current()
        if plan is None or method != plan.method or not path.startswith(plan.path):
            return
        self._calls_left -= 1 if plan.calls is not None else 0
        raise StripeApiError(
            "egpay-sandbox was told to refuse this.", status=plan.status, code=plan.code, param=plan.param
        )
