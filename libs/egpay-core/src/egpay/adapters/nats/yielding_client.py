"""A client that cannot starve its own process: who asks a closed connection for work rests before being told so.

nats-py refuses to publish on a connection that is closed for good without ever giving way to anything else, and
FastStream's pull loop (0.7.8) asks again at once: together they would let nothing else of the process run, not even a
signal to end.
"""

import asyncio

from nats.aio.client import Client

_REST = 0.2
"""Seconds; nobody waits for an answer that cannot come."""


class YieldingClient(Client):
    """nats-py's own, with a pause before it refuses."""

    async def publish(
        self,
        subject: str,
        payload: bytes = b"",
        reply: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        """Publish; raises ConnectionClosedError, after a rest, when there is nobody to publish to any more."""
        if self.is_closed:
            await asyncio.sleep(_REST)
        await super().publish(subject, payload, reply, headers)
