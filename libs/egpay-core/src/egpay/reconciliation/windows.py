"""Time windows: reads a newest-first list from its oldest entry on, with bounded memory.

A window with more entries than fit is halved, and its older half comes first.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from egpay.ports.history import EventPage, ProviderEvent, Window

Ask: TypeAlias = Callable[[Window, str | None], Awaitable[EventPage]]

AT_ONCE = 10
"""Pages in memory at a time: a thousand events of a few kilobytes."""
SMALLEST = timedelta(seconds=2)
"""A shorter window is not halved, because the provider's clock has whole seconds."""


async def oldest_first(
    ask: Ask, whole: Window, *, now: datetime, at_once: int = AT_ONCE
) -> AsyncIterator[tuple[Window, Sequence[ProviderEvent]]]:
    """Yield windows of `whole` in order of time, each with its entries oldest first.

    The last window of an open `whole` is open too, so that what enters the list meanwhile is included.
    """
    waiting = [whole]
    while waiting:
        window = waiting.pop()
        end = window.until or max(now, window.since)
        can_halve = end - window.since > SMALLEST
        told = await _read(ask, window, at_once if can_halve else None)
        if told is not None:
            yield window, told
            continue
        middle = (window.since + (end - window.since) / 2).replace(microsecond=0)
        waiting += [Window(middle, window.until), Window(window.since, middle)]


async def _read(ask: Ask, window: Window, most: int | None) -> list[ProviderEvent] | None:
    """All entries of a window, oldest first; None when it has more pages than `most`."""
    newest_first: list[ProviderEvent] = []
    after, pages = None, 0
    while True:
        page = await ask(window, after)
        newest_first.extend(page.told)
        after, pages = page.after, pages + 1
        if after is None:
            return newest_first[::-1]
        if pages == most:
            return None
