"""Mail: sends a message with a text and an HTML part through a server that takes responsibility."""

from datetime import datetime
from typing import Protocol

import msgspec


class Email(msgspec.Struct, frozen=True, kw_only=True):
    """E-mail: one message; `message_id` (RFC 5322, without angle brackets) is the same at every try."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    date: datetime


class Mail(Protocol):
    """Mail: sends one e-mail through a mail server.

    Raises Outage when the server is away or says 4xx (RefusedByProvider when it refuses us: login, sender, quota), and
    Defect when it refuses the recipient or the e-mail for good. An Outage is `undone` when the server certainly did not
    take the e-mail: it said so, or was never reached.
    """

    async def send(self, letter: Email) -> None:
        """Return once the server has taken the message."""
        ...


class EmailTemplates(Protocol):
    """E-mail templates: render the text and HTML of each kind of e-mail."""

    def introduction(
        self, *, to: str, name: str, organisation: str, token: str, message_id: str, date: datetime
    ) -> Email:
        """The first e-mail to an admin, with the link that opens the account."""
        ...

    def organisation_added(
        self, *, to: str, name: str, organisation: str, message_id: str, date: datetime
    ) -> Email:
        """Further organisation: the same person is its admin, and enters as before."""
        ...

    def account_used_again(
        self, *, to: str, name: str, organisation: str, message_id: str, date: datetime
    ) -> Email:
        """Account used again: the subscription that was ordered belongs to the organisation's account."""
        ...

    def payment_failed(self, *, to: str, name: str, message_id: str, date: datetime) -> Email:
        """Delayed payment failed: nothing was shipped, and the order can be placed again."""
        ...

    def payment_reminder(
        self, *, to: str, name: str, attempt: int, invoice_url: str, message_id: str, date: datetime
    ) -> Email:
        """Renewal could not be collected; `invoice_url` is where it can be paid now."""
        ...

    def portal_link(self, *, to: str, token: str, message_id: str, date: datetime) -> Email:
        """Link to the billing portal, asked for with this e-mail; it names no person, because anybody may ask."""
        ...
