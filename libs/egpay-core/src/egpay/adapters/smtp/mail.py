"""SMTP mail sender: sends each e-mail once over a persistent connection, and maps failures."""

import asyncio
from typing import TypeAlias

import aiosmtplib

from egpay.adapters.smtp.message import mailbox, message
from egpay.adapters.smtp.server import Server, parse_smtp_url
from egpay.domain.errors import Defect, Outage
from egpay.ports.mail import Email

TIMEOUT = 10.0
"""Timeout of each reply of the server in seconds; the library's own default is a minute."""

TAKING = 120.0
"""Seconds that a server may take to accept an e-mail, because one that we gave up on is sent twice.

A slow server has accepted it all the same (RFC 5321, 4.5.3.2.6 asks for ten minutes; the command is held
alive meanwhile)."""

_Failure: TypeAlias = aiosmtplib.SMTPException | OSError


class SmtpMail:
    """Port `Mail` over SMTP; sends one at a time, because a connection carries one at a time."""

    def __init__(self, url: str, *, sender: str, timeout: float = TIMEOUT) -> None:
        """`SMTP_URL` and `MAIL_FROM`; raises Defect if one is malformed. Connects on the first e-mail."""
        self._timeout = timeout
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
                raise _explained(fault) from None
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


def _explained(fault: _Failure) -> Outage | Defect:
    """Map 4xx and connection errors to Outage, 5xx to Defect; the server's text may quote the address."""
    if isinstance(fault, aiosmtplib.SMTPRecipientsRefused):
        return _coded(fault.recipients[0].code)
    if isinstance(fault, aiosmtplib.SMTPAuthenticationError):
        # a rolled password must not dead-letter every e-mail of the day: they wait until it is right again
        return Outage(f"the mail server does not accept our credentials ({fault.code})", undone=True)
    if isinstance(fault, aiosmtplib.SMTPResponseException) and not isinstance(fault, ConnectionError):
        return _coded(fault.code)
    if isinstance(fault, aiosmtplib.SMTPNotSupported):
        return Defect("the mail server lacks something this letter needs")
    never_reached = isinstance(fault, aiosmtplib.SMTPConnectError | ConnectionRefusedError)
    return Outage(f"the mail server is out of reach: {type(fault).__name__}", undone=never_reached)


def _coded(code: int) -> Outage | Defect:
    if code >= 500:
        return Defect(f"the mail server refuses the letter for good ({code})")
    return Outage(f"the mail server does not take the letter now ({code})", undone=True)
