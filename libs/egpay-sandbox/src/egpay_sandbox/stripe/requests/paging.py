"""Parameters common to all requests, and pagination of lists."""

from typing import Annotated

import msgspec


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Parameters of one operation; `expand` names ids to be replaced by their objects."""

    expand: list[str] = []


class TimeRange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A span of Unix seconds, as in `created[gte]`."""

    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None

    def holds(self, value: int) -> bool:
        """Whether the span contains this second."""
        return (
            (self.gt is None or value > self.gt)
            and (self.gte is None or value >= self.gte)
            and (self.lt is None or value < self.lt)
            and (self.lte is None or value <= self.lte)
        )


class ListParams(Params, frozen=True, kw_only=True):
    """A page of a list, newest first (docs.stripe.com/api/pagination)."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    starting_after: str | None = None
    ending_before: str | None = None
    created: int | TimeRange | None = None

    def covers(self, created: int) -> bool:
        """Whether the list's time range contains this second."""
        match self.created:
            case None:
                return True
            case int(second):
                return created == second
            case span:
                return span.holds(created)


class AnyParams(Params, frozen=True, kw_only=True):
    """Parameters of operations that take nothing but `expand`."""
