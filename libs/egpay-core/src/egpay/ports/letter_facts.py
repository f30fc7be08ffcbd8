"""Letter facts: what is true at the moment a letter is sent, because commands run in any order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from egpay.domain.payment import Payment
from egpay.domain.subscription import Subscription
from egpay.domain.values import EmailKey, SubscriptionId


class LetterFacts(Protocol):
    """Letter facts: the records as they are now."""

    async def payment(self, payment_id: str) -> Payment | None:
        """A payment by its own id (the sale's, or a renewal's invoice), without its disputes and reviews."""
        ...

    async def subscription(self, subscription: SubscriptionId) -> Subscription | None:
        """The mirror of a subscription; None before it is first heard of."""
        ...

    async def locale(self, key: EmailKey) -> str | None:
        """The language of the newest order of an e-mail that named one."""
        ...

    async def trials_ending(self, *, after: datetime, before: datetime, most: int) -> Sequence[Subscription]:
        """Trials of provisioned accounts that end in this time, go on and then cost, the first to end first."""
        ...
