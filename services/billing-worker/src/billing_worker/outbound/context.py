"""Everything an effect may touch: the world outside, and short transactions to read before it and to note after it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from egpay.ports.clock import Clock
from egpay.ports.fulfilment import Warehouse
from egpay.ports.inbox import Inbox
from egpay.ports.mail import EmailTemplates, Mail
from egpay.ports.payments import Payments
from egpay.ports.rate_limiter import SingleFlight
from egpay.ports.storage import Begin

SENDING_LEASE = timedelta(seconds=20)
"""How long an e-mail waits for a worker that died while sending it. One that lives keeps the command to itself for as
long as the mail server takes."""


@dataclass(frozen=True, slots=True)
class EffectContext:
    """Every call out of here carries a key of ours, so that doing it twice is recognised where it arrives."""

    begin: Begin
    mail: Mail
    letters: EmailTemplates
    warehouse: Warehouse
    payments: Payments
    questions: SingleFlight
    inbox: Inbox
    clock: Clock
    new_token: Callable[[], str]
    mail_domain: str
