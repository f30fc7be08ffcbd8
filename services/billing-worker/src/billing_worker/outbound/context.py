"""Effect context: the adapters of effects, and short transactions before and after each call."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from egpay.domain.account import User
from egpay.domain.letters import LetterKind
from egpay.domain.values import EmailKey, MessageId
from egpay.ports.clock import Clock
from egpay.ports.fulfilment import Warehouse
from egpay.ports.inbox import Inbox
from egpay.ports.mail import EmailTemplates, Mail
from egpay.ports.payments import Payments
from egpay.ports.rate_limiter import SingleFlight
from egpay.ports.storage import Begin

SENDING_LEASE = timedelta(seconds=20)
"""Lease on an e-mail, so that it waits this long for a worker that died while sending it. A live worker holds the
command by in-progress signals for as long as the mail server takes."""


@dataclass(frozen=True, slots=True)
class EffectContext:
    """Adapters of an effect; every call carries a key of ours, so that the receiver recognises a repeat."""

    begin: Begin
    mail: Mail
    letters: EmailTemplates
    warehouse: Warehouse
    payments: Payments
    single_flight: SingleFlight
    inbox: Inbox
    clock: Clock
    invitation_token: Callable[[MessageId, User], str]
    """The token with which a command invites a user: the same at each try."""
    portal_token: Callable[[MessageId, EmailKey], str]
    """The token of a link to the billing portal: the same at each try."""
    mail_domain: str
    mails_off: frozenset[LetterKind] = field(default_factory=frozenset)
    """Kinds of letters that the shop does not want sent."""
