"""E-mail that leaves: a message with a text and an HTML part, handed to a server that takes responsibility."""

from datetime import datetime
from typing import Protocol

import msgspec


class Email(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `message_id` (RFC 5322, without angle brackets) stays the same however often it is sent."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    date: datetime


class Mail(Protocol):
    """Raises Outage when the server is away or says 4xx, and Defect when it refuses for good (5xx)."""

    async def send(self, letter: Email) -> None:
        """Return once the server has taken the message."""
        ...


class EmailTemplates(Protocol):
    """Words and looks of our e-mails."""

    def introduction(
        self, *, to: str, name: str, organisation: str, token: str, message_id: str, date: datetime
    ) -> Email:
        """The first e-mail to an admin, with the link that opens the account."""
        ...

    def payment_failed(self, *, to: str, name: str, message_id: str, date: datetime) -> Email:
        """A delayed payment of an order came back; nothing was shipped, and the order can be placed again."""
        ...

    def payment_reminder(
        self, *, to: str, name: str, attempt: int, invoice_url: str, message_id: str, date: datetime
    ) -> Email:
        """A renewal could not be collected; `invoice_url` is where it can be paid now."""
        ...
