"""Yielding NATS client: sleeps before it refuses on a closed connection, so that no loop can spin.

nats-py refuses to publish on a connection that is closed for good without ever yielding to the event loop,
and FastStream's pull loop (0.7.8) asks again at once: together they would let nothing else of the process
run, not even a signal to end.
"""

import asyncio

from nats.aio.client import Client

_REST = 0.2
"""Seconds; no caller waits for it, because no answer can come."""


class YieldingClient(Client):
    """nats-py's client, with a sleep before it refuses a closed connection."""

    async def publish(
        self,
        subject: str,
        payload: bytes = b"",
        reply: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        """Publish; raises ConnectionClosedError, after a sleep, when the connection is closed for good."""
        if self.is_closed:
            await asyncio.sleep(_REST)
        await super().publish(subject, payload, reply, headers)
