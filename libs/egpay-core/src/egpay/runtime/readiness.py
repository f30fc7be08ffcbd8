"""Whether this process should be sent work: it can keep what it takes in, and pass it on."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from egpay.domain.errors import Outage

Check: TypeAlias = Callable[[], Awaitable[None]]
"""Return when the thing answers; raise Outage with what is wrong when it does not."""

PATIENCE = 2.0
"""Seconds that a check may take; orchestrators give a probe little more."""


class NotReady(Outage):
    """Something that the service leans on is away; `checks` says for each thing how it is."""

    def __init__(self, checks: Mapping[str, str]) -> None:
        """Take what every check found."""
        super().__init__("not ready: " + ", ".join(name for name, word in checks.items() if word != "ok"))
        self.checks = dict(checks)


async def readiness(checks: Mapping[str, Check], *, patience: float = PATIENCE) -> dict[str, str]:
    """Ask everything at once; `ok` for each, or NotReady."""
    words = await asyncio.gather(*(_ask(check, patience) for check in checks.values()))
    found = dict(zip(checks, words, strict=True))
    if any(word != "ok" for word in words):
        raise NotReady(found)
    return found


async def _ask(check: Check, patience: float) -> str:
    try:
        async with asyncio.timeout(patience):
            await check()
    except TimeoutError:
        return f"no answer within {patience:g} s"
    except Outage as outage:
        return str(outage)
    return "ok"
