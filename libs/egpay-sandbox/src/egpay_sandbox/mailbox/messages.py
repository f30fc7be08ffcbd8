"""MIME parsing: splits an e-mail into parts that a person and a test can read."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import msgspec

from egpay_sandbox.ids import new_id


class MailboxMessage(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from"}):
    """One message. `to` are the envelope's recipients; `received_at` is RFC 3339 in UTC."""

    id: str
    message_id: str
    sender: str
    to: list[str]
    subject: str
    received_at: str
    text: str
    html: str
    headers: dict[str, str]


def parse_message(content: bytes, recipients: list[str], at: float) -> MailboxMessage:
    """Parses a message as it came over SMTP at `at` (Unix seconds)."""
    message = message_from_bytes(content, policy=policy.default)
    headers: dict[str, str] = {}
    for name, value in message.items():
        headers.setdefault(name, str(value))
    return MailboxMessage(
        id=new_id("mail"),
        message_id=str(message["message-id"] or ""),
        sender=str(message["from"] or ""),
        to=recipients,
        subject=str(message["subject"] or ""),
        received_at=datetime.fromtimestamp(at, UTC).isoformat(),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        headers=headers,
    )


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body(preferencelist=(kind,))
    return str(body.get_content()) if body is not None else ""
