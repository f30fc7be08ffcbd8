"""SMTP server: takes mail in the same event loop, with any password."""

import asyncio

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from egpay_sandbox.mailbox.mailbox import Mailbox


class _SmtpHandler:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's hook: stores the message, or refuses it as scripted."""
        recipients = list(envelope.rcpt_tos)
        code = self._mailbox.next_refusal(recipients)
        if code is not None:
            return f"{code} refused, as told"
        content = envelope.content or b""
        self._mailbox.deliver(content if isinstance(content, bytes) else content.encode(), recipients)
        return "250 2.0.0 kept"


async def start_smtp_server(mailbox: Mailbox, host: str, port: int) -> asyncio.Server:
    """Listens until the server is closed; port 0 takes a free one."""
    loop = asyncio.get_running_loop()

    def _protocol() -> SMTP:
        return SMTP(
            _SmtpHandler(mailbox),
            loop=loop,
            enable_SMTPUTF8=True,
            hostname="egpay-sandbox",
            ident="egpay-sandbox",
            auth_require_tls=False,
            authenticator=_accept_any_login,
        )

    return await loop.create_server(_protocol, host, port)


def _accept_any_login(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, auth: object
) -> AuthResult:
    return AuthResult(success=isinstance(auth, LoginPassword), auth_data=auth)
