"""Mail: sends a message with a text and an HTML part through a server that takes responsibility."""

from datetime import datetime
from typing import Protocol

import msgspec

from egpay.domain.errors import Defect
from egpay.domain.letters import Letter


class RecipientRefused(Defect):
    """Refused recipient: this address takes no mail, so that another one is tried where there is one."""


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
    Defect when it refuses the e-mail for good: RecipientRefused when the recipient is what it refuses. An Outage is
    `undone` when the server certainly did not take the e-mail: it said so, or was never reached.
    """

    async def send(self, letter: Email) -> None:
        """Return once the server has taken the message."""
        ...


class EmailTemplates(Protocol):
    """E-mail templates: word a letter in a language, as text and as HTML."""

    def render(self, letter: Letter, *, message_id: str, date: datetime) -> Email:
        """Word the letter in its language, or in the default one where that is unknown.

        Raises Defect when it holds a link that is no web page.
        """
        ...
