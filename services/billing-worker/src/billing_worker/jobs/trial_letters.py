"""Trial letter job: asks for the letter about each trial that ends within a week, once for each end.

A job and no deferred command: the end of a trial may be moved or taken back, and a command would have to be found and
withdrawn; here only what is true now is asked for, and looked at again when it is sent.
"""

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from egpay.domain.commands import SendLetter
from egpay.domain.errors import Outage
from egpay.domain.events import Source
from egpay.domain.letters import LetterKind, letter_key
from egpay.domain.subscription import Subscription
from egpay.ports.clock import Clock
from egpay.ports.storage import Begin

AHEAD = timedelta(days=7)
"""How long before its end a trial is written about."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrialLetterJob:
    """Every worker runs it; a command of one key is stored once, so that one letter leaves."""

    begin: Begin
    clock: Clock
    every: float = 900.0
    most: int = 10_000

    async def run(self) -> None:
        """Look periodically until cancelled; an Outage of the database is retried at the next turn."""
        while True:
            await asyncio.sleep(self.every * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, guards nothing
            try:
                await self.turn()
            except Outage as outage:
                _log.warning(
                    "trial letters postponed",
                    extra={"action": "trial_letters_postponed", "reason": str(outage)},
                )

    async def turn(self) -> int:
        """Ask for the letters that are due; return how many trials end soon.

        Of more than `most` the first to end come first, and the others in a later turn, when those have ended.
        """
        now = self.clock()
        async with self.begin() as uow:
            soon = await uow.letter_facts.trials_ending(after=now, before=now + AHEAD, most=self.most)
            commands = [_command(one, one.current_period_end, now) for one in soon if one.current_period_end]
            if commands:
                await uow.commands.put(*commands)
        return len(commands)


def _command(trial: Subscription, ends_at: datetime, now: datetime) -> SendLetter:
    return SendLetter(
        id=letter_key(LetterKind.TRIAL_ENDS, subscription=trial.id, end=int(ends_at.timestamp())),
        kind=LetterKind.TRIAL_ENDS,
        occurred_at=now,
        source=Source.RECONCILE,
        sale_id=trial.sale_id,
        subscription_id=trial.id,
        ends_at=ends_at,
    )
