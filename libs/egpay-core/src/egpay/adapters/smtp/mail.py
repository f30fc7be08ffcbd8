"""SMTP mail sender: sends each e-mail once over a persistent connection, and maps failures."""

import asyncio
import logging
from collections.abc import Callable

import aiosmtplib

from egpay.adapters.smtp.message import mailbox, message
from egpay.adapters.smtp.refusals import MailServerRefusesUs, Reason, explain
from egpay.adapters.smtp.server import Server, parse_smtp_url
from egpay.domain.errors import Defect, Outage
from egpay.ports.mail import Email

TIMEOUT = 10.0
"""Timeout of each reply of the server in seconds; the library's own default is a minute."""

TAKING = 120.0
"""Seconds that a server may take to accept an e-mail, because one that we gave up on is sent twice.

A slow server has accepted it all the same (RFC 5321, 4.5.3.2.6 asks for ten minutes; the command is held
alive meanwhile)."""

_log = logging.getLogger(__name__)


class SmtpMail:
    """Port `Mail` over SMTP; sends one at a time, because a connection carries one at a time."""

    def __init__(
        self,
        url: str,
        *,
        sender: str,
        timeout: float = TIMEOUT,
        on_refusal: Callable[[Reason], None] = lambda _: None,
    ) -> None:
        """`SMTP_URL` and `MAIL_FROM`; raises Defect if one is malformed. Connects on the first e-mail.

        `on_refusal` is called each time the server refuses us, to be counted."""
        self._timeout = timeout
        self._on_refusal = on_refusal
        self._server = parse_smtp_url(url)
        self._sender = mailbox(sender)
        self._lock = asyncio.Lock()
        self._client: aiosmtplib.SMTP | None = None

    async def send(self, letter: Email) -> None:
        """Send, and return once the server has accepted it.

        A failure closes the connection: a late reply on it would be read as the next e-mail's."""
        content = message(letter, sender=self._sender)
        async with self._lock:
            taken = False
            try:
                client = await self._connected()
                await client.sendmail(
                    self._sender.addr_spec,
                    [content["To"]],
                    content.as_bytes(),
                    timeout=max(self._timeout, TAKING),
                )
                taken = True
            except (aiosmtplib.SMTPException, OSError) as fault:
                raise self._alarmed(explain(fault)) from None
            finally:
                if not taken:
                    self._drop()

    async def aclose(self) -> None:
        """Quit and close the connection."""
        async with self._lock:
            client, self._client = self._client, None
            if client and client.is_connected:
                try:
                    await client.quit()
                except (aiosmtplib.SMTPException, OSError):
                    client.close()

    def _alarmed(self, error: Outage | Defect) -> Outage | Defect:
        """Raise the alarm for a refusal of us: no retry ends it, and nothing but waiting e-mails would show it."""
        if isinstance(error, MailServerRefusesUs):
            _log.error(
                "mail server refuses us",
                extra={"action": "mail_server_refusal", "reason": error.reason, "code": error.code},
            )
            self._on_refusal(error.reason)
        return error

    async def _connected(self) -> aiosmtplib.SMTP:
        """The open connection if the server still answers on it, else a new one."""
        if self._client and await _answers(self._client):
            return self._client
        self._drop()
        self._client = _client(self._server, self._timeout)
        await self._client.connect()
        return self._client

    def _drop(self) -> None:
        if self._client:
            self._client.close()
        self._client = None


def _client(server: Server, timeout: float) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.tls,
        username=server.username,
        password=server.password,
        timeout=timeout,
    )


async def _answers(client: aiosmtplib.SMTP) -> bool:
    """Ping with NOOP before sending, because servers close connections that are silent for minutes.

    That prevents sending twice: after a failed send it is unknown whether the e-mail was accepted."""
    if not client.is_connected:
        return False
    try:
        await client.noop()
    except (aiosmtplib.SMTPException, OSError):
        return False
    return True
