"""Readiness probe: asks everything that a process depends on, and says whether it should get work.

ok            every check passed                                        HTTP 200
degraded      only what the process can do without for a while failed   HTTP 200
unavailable   something failed without which it does no work            HTTP 503
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from egpay.domain.errors import Outage

Check: TypeAlias = Callable[[], Awaitable[None]]
"""Return when the dependency answers; raise Outage with what is wrong when it does not."""

CHECK_TIMEOUT = 2.0
"""Seconds that a check may take; orchestrators give a probe little more."""


class Health(msgspec.Struct, frozen=True):
    """Body of `/livez` and `/readyz` of both services; `checks` has `ok`, or what is wrong, for each dependency."""

    status: Literal["ok", "degraded", "unavailable"]
    checks: Mapping[str, str] = {}

    @property
    def http_status(self) -> int:
        """503 takes a process out of service, 200 leaves it there."""
        return 503 if self.status == "unavailable" else 200


@dataclass(frozen=True, slots=True)
class Readiness:
    """The checks of one process; `optional` are those that only degrade it."""

    required: Mapping[str, Check]
    optional: Mapping[str, Check] = field(default_factory=dict)
    timeout: float = CHECK_TIMEOUT

    async def __call__(self) -> Health:
        """Run all checks at once; none takes longer than `timeout` seconds."""
        checks = {**self.required, **self.optional}
        words = await asyncio.gather(*(self._run(check) for check in checks.values()))
        found = dict(zip(checks, words, strict=True))
        failed = {name for name, word in found.items() if word != "ok"}
        if not failed:
            return Health("ok", found)
        return Health("unavailable" if failed & self.required.keys() else "degraded", found)

    async def _run(self, check: Check) -> str:
        try:
            async with asyncio.timeout(self.timeout):
                await check()
        except TimeoutError:
            return f"no answer within {self.timeout:g} s"
        except Outage as outage:
            return str(outage)
        return "ok"
