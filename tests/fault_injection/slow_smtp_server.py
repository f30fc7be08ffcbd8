"""Slow SMTP server: acknowledges mail late, and records which messages it took."""

import asyncio
import contextlib
import email
from collections.abc import Iterator
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from egpay_local.tcp_ports import reserved


@dataclass
class SlowSmtpServer:
    """`delays` holds the seconds between taking a message for an address and acknowledging it; 0 for any other."""

    delays: dict[str, float] = field(default_factory=dict)
    taken: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's hook."""
        content = envelope.content or b""
        letter = email.message_from_bytes(content if isinstance(content, bytes) else content.encode())
        self.taken.append((letter["To"], letter["Message-ID"]))
        await asyncio.sleep(
            max((self.delays.get(recipient, 0.0) for recipient in envelope.rcpt_tos), default=0.0)
        )
        return "250 2.0.0 kept"

    def to(self, address: str) -> list[str]:
        """Lists the Message-IDs of the e-mails to an address."""
        return [message_id for recipient, message_id in self.taken if address in recipient]


@contextlib.contextmanager
def slow_smtp_server() -> Iterator[SlowSmtpServer]:
    """Listens until the block ends."""
    with reserved() as port:
        server = SlowSmtpServer(url=f"smtp://127.0.0.1:{port.number}")
        controller = Controller(server, hostname="127.0.0.1", port=port.number, ready_timeout=10)
        controller.start()
        try:
            yield server
        finally:
            controller.stop()
