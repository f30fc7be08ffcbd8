"""Mailbox: stores messages and refuses those that a test scripts."""

from typing import Annotated

import msgspec

from egpay_sandbox.clock import Clock
from egpay_sandbox.mailbox.messages import MailboxMessage, parse_message
from egpay_sandbox.sqlite_store import SqliteStore


class MailRefusalPlan(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Answer the next `times` messages with an SMTP `code` of 400 to 599; `to` limits it to a recipient."""

    code: Annotated[int, msgspec.Meta(ge=400, le=599)]
    times: Annotated[int, msgspec.Meta(ge=0)] = 1
    to: str | None = None


class Mailbox:
    """Stores messages in order of arrival."""

    def __init__(self, sqlite_store: SqliteStore, clock: Clock) -> None:
        self._messages = sqlite_store.collection("mails", MailboxMessage)
        self._clock = clock
        self._plan: MailRefusalPlan | None = None
        self._refusals_left = 0

    def refuse(self, plan: MailRefusalPlan) -> None:
        """Refuses the next messages, as often as the plan says."""
        self._plan, self._refusals_left = plan, plan.times

    def next_refusal(self, recipients: list[str]) -> int | None:
        """Returns the code to refuse this message with, or None; a refusal counts."""
        plan = self._plan
        if plan is None or self._refusals_left == 0 or (plan.to is not None and plan.to not in recipients):
            return None
        self._refusals_left -= 1
        return plan.code

    def deliver(self, content: bytes, recipients: list[str]) -> MailboxMessage:
        """Stores a message."""
        return self._messages.store(parse_message(content, recipients, self._clock.wall()))

    def messages(self, to: str | None = None) -> list[MailboxMessage]:
        """Lists messages newest first; `to` compares addresses without regard to case."""
        wanted = to.casefold() if to else None
        return [
            mail
            for mail in self._messages.newest_first()
            if wanted is None or wanted in (address.casefold() for address in mail.to)
        ]

    def message(self, mail_id: str) -> MailboxMessage | None:
        """Loads one message."""
        return self._messages.get(mail_id)

    def clear(self) -> None:
        """Removes everything, scripted refusals too."""
        self._messages.clear()
        self._plan = None
