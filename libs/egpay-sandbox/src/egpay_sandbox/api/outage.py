"""Outage injection: the API fails for some calls or seconds, before or after the work is done."""

from typing import Annotated, Literal

import msgspec

from egpay_sandbox.clock import Clock


class OutagePlan(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`answer` is a status, or `hang`: silence for `hang_seconds`, then 503.

    It ends after `calls` calls or `seconds` seconds, whichever comes first; without both it lasts until it is
    lifted. `when` decides whether the request is carried out: `after` loses only the answer. `path` limits it
    to paths that start so.
    """

    answer: Literal[500, 502, 503, 429, "hang"]
    calls: Annotated[int, msgspec.Meta(ge=1)] | None = None
    seconds: Annotated[float, msgspec.Meta(gt=0)] | None = None
    hang_seconds: Annotated[float, msgspec.Meta(ge=0)] = 30.0
    when: Literal["before", "after"] = "before"
    path: str = "/v1"


class OutageSwitch:
    """Switches an outage on and off; its time is the wall clock's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._plan: OutagePlan | None = None
        self._calls_left = 0
        self._until = 0.0

    def begin(self, plan: OutagePlan) -> None:
        """Starts the outage; it lasts until the plan ends it."""
        self._plan = plan
        self._calls_left = plan.calls or 0
        self._until = self._clock.wall() + (plan.seconds or 0.0)

    def end(self) -> None:
        """Ends the outage."""
        self._plan = None

    def current(self) -> OutagePlan | None:
        """Returns the plan in force, or None."""
        plan = self._plan
        if plan is None or (plan.seconds is not None and self._clock.wall() > self._until):
            return None
        return None if plan.calls is not None and self._calls_left == 0 else plan

    def intercept(self, path: str) -> OutagePlan | None:
        """Returns the plan if it hits this call; a hit counts."""
        plan = self.current()
        if plan is None or not path.startswith(plan.path):
            return None
        self._calls_left -= 1 if plan.calls is not None else 0
        return plan
