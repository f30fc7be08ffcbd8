"""A trial that ends within a week is written about once, whatever happens to it and however often it is looked at."""

from datetime import timedelta

import msgspec

from billing_worker.jobs.trial_letters import TrialLetterJob
from egpay.adapters.wire import read_command
from egpay.domain.commands import SendLetter
from egpay.domain.letters import LetterKind
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.testing.builders import moment, subscription
from egpay.testing.memory import MemoryStore, memory_unit_of_work

WEEK = timedelta(days=7)


def trial(ends: timedelta, **changes: object) -> Subscription:
    known = subscription("sub_1", status=SubscriptionStatus.TRIALING, welcomed=True)
    return msgspec.structs.replace(known, **{"current_period_end": moment() + ends, **changes})


async def asked(*states: Subscription) -> list[SendLetter]:
    """The letters that are asked for when the trial is looked at twice in each of these states."""
    store = MemoryStore()
    job = TrialLetterJob(memory_unit_of_work(store), moment)
    for state in states:
        store.tables.subscriptions[state.id] = state
        for _ in range(2):
            await job.turn()
    commands = [read_command(message.payload) for message in store.tables.outbox.values()]
    return [command for command in commands if isinstance(command, SendLetter)]


async def test_a_trial_is_written_about_once_from_seven_days_before_its_end() -> None:
    assert await asked(trial(WEEK + timedelta(seconds=1)), trial(-timedelta(seconds=1))) == []
    [letter] = await asked(trial(WEEK))
    assert (letter.kind, letter.ends_at) == (LetterKind.TRIAL_ENDS, moment() + WEEK)


async def test_an_end_that_moves_into_the_week_again_has_a_letter_of_its_own() -> None:
    ends = [letter.ends_at for letter in await asked(trial(WEEK), trial(2 * WEEK), trial(WEEK / 2))]
    assert ends == [moment() + WEEK, moment() + WEEK / 2]


async def test_a_trial_that_is_cancelled_or_over_is_not_written_about() -> None:
    assert await asked(trial(WEEK, cancel_at=moment() + WEEK)) == []
    assert await asked(trial(WEEK, status=SubscriptionStatus.ACTIVE)) == []
    assert await asked(trial(WEEK, welcomed=False)) == []


async def test_a_trial_whose_collection_is_paused_is_written_about_once_it_is_to_cost() -> None:
    assert await asked(trial(WEEK, collection_paused=True)) == []
    assert len(await asked(trial(WEEK, collection_paused=True), trial(WEEK))) == 1
