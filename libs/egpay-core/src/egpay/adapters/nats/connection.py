"""NATS connection: reconnects by itself after a restart, a lost leader or a new password."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from nats.aio.client import DEFAULT_INBOX_PREFIX, Client
from nats.errors import Error

from egpay.adapters.nats.tls import tls_context
from egpay.domain.errors import Outage

_log = logging.getLogger(__name__)

_PATIENCE: dict[str, Any] = {
    "max_reconnect_attempts": -1,
    "reconnect_time_wait": 0.25,
    "connect_timeout": 2,
    "ping_interval": 5,
    "max_outstanding_pings": 2,
}
"""Detects a silent peer after 10 to 15 s, and looks for a server for ever."""
FORBIDDEN_SHOWS = 300.0
"""Seconds for which a permission violation degrades readiness: the next attempt may be minutes away."""
_VIOLATION = "permissions violation"
_SAY_AGAIN = 30.0
"""Seconds before the same error is logged again, because it reconnects four times a second."""


class Connection:
    """NATS connection: connects and reconnects in the background, from `open` until `close`.

    nats-py gives up for good when a server rejects it (while credentials are changed): a new client replaces it.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str,
        inbox_prefix: bytes = DEFAULT_INBOX_PREFIX,
        ca_file: str | None = None,
        on_incident: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`url` is NATS_URL, commas between the servers of a cluster; the server's monitoring shows `name`.

        The login may be answered only below its `inbox_prefix`. `ca_file` has the certificates by which a
        `tls://` server is trusted, unless those of the machine do. `on_incident` is called with `error`,
        `forbidden`, `disconnected`, `restored` or `closed`, to be counted."""
        self._servers = [server.strip() for server in url.split(",") if server.strip()]
        self._name, self._inbox_prefix, self._tls = name, inbox_prefix, tls_context(ca_file)
        self._on_incident = on_incident
        self._forbidden_at: float | None = None
        self._said, self._silent_until = "", 0.0
        self._client: Client | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._lost = asyncio.Event()
        # called when the connection is lost (nothing pending is answered), and when it is back (all was dropped)
        self.broken: set[Callable[[], None]] = set()
        self.restored: set[Callable[[], None]] = set()

    async def open(self, *, within: float = 5.0) -> bool:
        """Start to connect; return whether it succeeded `within` so many seconds. It retries if not."""
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep_connected(), name="nats connection")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), within)
        return self.connected

    @property
    def connected(self) -> bool:
        """Whether a server answers at the moment."""
        return self._client is not None and self._client.is_connected

    def require_rights(self) -> None:
        """Raise Outage for some minutes after the server forbade us something: our login lacks a right."""
        if self._forbidden_at is not None and time.monotonic() - self._forbidden_at < FORBIDDEN_SHOWS:
            raise Outage("the broker forbids a subject to our login; its log names it")

    @property
    def client(self) -> Client:
        """The client, while it is connected; raises Outage otherwise."""
        if self._client is None or not self._client.is_connected:
            raise Outage("the broker is not connected")
        return self._client

    async def close(self) -> None:
        """Flush for at most a second and close, without a drain, because that hangs on pending pulls."""
        while self._keeper is not None and not self._keeper.done():
            self._keeper.cancel()  # again, because nats-py can swallow it while it gives up a connection
            await asyncio.wait({self._keeper}, timeout=_PATIENCE["reconnect_time_wait"])
        client, self._client = self._client, None
        if client is not None:
            await _leave(client)

    async def _keep_connected(self) -> None:
        while True:
            self._lost.clear()
            self._client = client = Client()
            try:
                await self._connect(client)
            except (Error, OSError, TimeoutError) as error:
                await self.on_error(error)
            else:
                self._ready.set()
                await self._lost.wait()
            await _leave(client)
            await asyncio.sleep(_PATIENCE["reconnect_time_wait"])

    async def _connect(self, client: Client) -> None:
        await client.connect(
            servers=self._servers,
            name=self._name,
            inbox_prefix=self._inbox_prefix,
            tls=self._tls,
            error_cb=self.on_error,
            disconnected_cb=self._on_disconnected,
            reconnected_cb=self._on_restored,
            closed_cb=self._on_closed,
            **_PATIENCE,
        )
        self._tell_restored("connected to the broker")

    async def on_error(self, error: Exception) -> None:
        """Count and log an error that the server reported, also of another client of this process."""
        if _VIOLATION in str(error).lower():
            self._on_incident("forbidden")
            self._forbidden_at = time.monotonic()
            _log.error(
                "broker forbids a subject", extra={"action": "permission_violation", "reason": str(error)}
            )
            return
        self._on_incident("error")
        reason, now = f"{type(error).__name__}: {error}", time.monotonic()
        if reason != self._said or now > self._silent_until:
            _log.warning("trouble with the broker", extra={"action": "broker_error", "reason": reason})
            self._said, self._silent_until = reason, now + _SAY_AGAIN
        if self._client is not None and not self._client.is_connected:
            _hang_up(self._client)

    async def _on_disconnected(self) -> None:
        self._on_incident("disconnected")
        for tell in tuple(self.broken):
            tell()

    async def _on_restored(self) -> None:
        self._on_incident("restored")
        self._tell_restored("back at the broker")

    async def _on_closed(self) -> None:
        self._on_incident("closed")
        self._lost.set()

    def _tell_restored(self, what: str) -> None:
        _log.info(what, extra={"action": "broker_connected"})
        for tell in tuple(self.restored):
            tell()


@asynccontextmanager
async def connected(
    url: str,
    *,
    name: str,
    inbox_prefix: bytes = DEFAULT_INBOX_PREFIX,
    ca_file: str | None = None,
    within: float = 5.0,
    on_incident: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Connection]:
    """A connection during a block, which begins after `within` seconds even if it is not connected."""
    connection = Connection(
        url, name=name, inbox_prefix=inbox_prefix, ca_file=ca_file, on_incident=on_incident
    )
    try:
        await connection.open(within=within)
        yield connection
    finally:
        await connection.close()


async def _leave(client: Client) -> None:
    with suppress(Error, OSError, TimeoutError):
        async with asyncio.timeout(1):
            if client.is_connected:
                await client.flush(1)
    with suppress(Error, OSError, TimeoutError):
        async with asyncio.timeout(1):
            await client.close()
    _hang_up(client)


def _hang_up(client: Client) -> None:
    """Close what a failed attempt left open: nats-py 2.16 leaks the socket on which it was rejected."""
    transport = client._transport  # noqa: SLF001 - it offers no other way
    if transport:
        transport.close()  # type: ignore[no-untyped-call]
