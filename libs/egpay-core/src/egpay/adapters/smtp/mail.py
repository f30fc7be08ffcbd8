"""Mail is handed over once, over a connection that is kept: the server takes it, or says who must act."""

import asyncio
from typing import TypeAlias

import aiosmtplib

from egpay.adapters.smtp.message import mailbox, message
from egpay.adapters.smtp.server import Server, parse_smtp_url
from egpay.domain.errors import Defect, Outage
from egpay.ports.mail import Email

TIMEOUT = 10.0
"""Seconds for each answer of the server; the library's own default is a minute."""

TAKING = 120.0
"""Seconds that a server may take over a letter: one that is slow has taken it, and would get it twice if we gave up
(RFC 5321, 4.5.3.2.6 asks for ten minutes; the command is kept alive meanwhile)."""

_Failure: TypeAlias = aiosmtplib.SMTPException | OSError


class SmtpMail:
    """A Mail over SMTP. Letters go one after another: SMTP knows one at a time on a connection."""

    def __init__(self, url: str, *, sender: str, timeout: float = TIMEOUT) -> None:
        """Take `SMTP_URL` and `MAIL_FROM`; raise Defect when either is malformed. Connects on the first letter."""
        self._timeout = timeout
        self._server = parse_smtp_url(url)
        self._sender = mailbox(sender)
        self._lock = asyncio.Lock()
        self._client: aiosmtplib.SMTP | None = None

    async def send(self, letter: Email) -> None:
        """Return once the server has taken it. After a failure the connection is given up: what is half said on it
        would be answered to the next letter."""
        content = message(letter, sender=self._sender)
        async with self._lock:
            taken = False
            try:
                client = await self._connected()
                await client.send_message(
                    content,
                    sender=self._sender.addr_spec,
                    recipients=[content["To"].addresses[0].addr_spec],
                    timeout=max(self._timeout, TAKING),
                )
                taken = True
            except (aiosmtplib.SMTPException, OSError) as fault:
                raise _explained(fault) from None
            finally:
                if not taken:
                    self._drop()

    async def aclose(self) -> None:
        """Say goodbye."""
        async with self._lock:
            client, self._client = self._client, None
            if client and client.is_connected:
                try:
                    await client.quit()
                except (aiosmtplib.SMTPException, OSError):
                    client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        """The kept connection if the server still answers on it, else a new one."""
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
    """Servers hang up on whoever is silent for minutes. Asking first keeps a letter from being sent twice: after
    its own failure nobody could tell whether it was taken."""
    if not client.is_connected:
        return False
    try:
        await client.noop()
    except (aiosmtplib.SMTPException, OSError):
        return False
    return True


def _explained(fault: _Failure) -> Outage | Defect:
    """4xx and everything about the connection may pass; 5xx will not. The server's text may quote the address."""
    if isinstance(fault, aiosmtplib.SMTPRecipientsRefused):
        return _coded(fault.recipients[0].code)
    if isinstance(fault, aiosmtplib.SMTPAuthenticationError):
        # a rolled password must not park every letter of the day: they wait until it is right again
        return Outage(f"the mail server does not accept our credentials ({fault.code})")
    if isinstance(fault, aiosmtplib.SMTPResponseException) and not isinstance(fault, ConnectionError):
        return _coded(fault.code)
    if isinstance(fault, aiosmtplib.SMTPNotSupported):
        return Defect("the mail server lacks something this letter needs")
    return Outage(f"the mail server is out of reach: {type(fault).__name__}")


def _coded(code: int) -> Outage | Defect:
    if code >= 500:
        return Defect(f"the mail server refuses the letter for good ({code})")
    return Outage(f"the mail server does not take the letter now ({code})")
