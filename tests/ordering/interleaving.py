"""Interleaving: one delivery order of a scenario, with repetitions, batches and delayed commands."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, permutations
from math import factorial

from scenario import Scenario, Told, twin


@dataclass(frozen=True, slots=True)
class Interleaving:
    """Delivers `batches` one after the other.

    After each, every command that waits is carried out with the chance of `promptness` (1: all of them at
    once; 0: only when all is delivered). `seed` decides which.
    """

    batches: tuple[tuple[Told, ...], ...]
    promptness: float
    seed: int


def interleavings(
    scenario: Scenario, count: int, *, seed: int = 0, above: int | None = None
) -> Iterator[Interleaving]:
    """Generates `count` different interleavings or more.

    First every order of the events there is, delivered once and one by one; where there are more than `count`, as
    many as `above` says at random (else half of `count`). Then at least as many random orders in which everything
    comes once or twice, as itself or as another event of the same fact, in batches of any size, with commands carried
    out at any time.
    """
    orders = factorial(len(scenario.told))
    ordered = orders if orders <= count else above or count // 2
    yield from _every_order(scenario, ordered, seed)
    yield from disorders(scenario, max(count - ordered, count // 2), seed=seed)


def disorders(scenario: Scenario, count: int, *, seed: int = 0) -> Iterator[Interleaving]:
    """Generates `count` random interleavings."""
    dice = random.Random(f"{scenario.name}:{seed}")  # noqa: S311 - repeatable dice, no secret
    for number in range(count):
        yield _disorder(scenario, dice, number)


def one_by_one(order: Sequence[Told], *, seed: int = 0) -> Interleaving:
    """Delivers each event by itself, in this order, with its commands at once."""
    return Interleaving(tuple((told,) for told in order), promptness=1.0, seed=seed)


def _every_order(scenario: Scenario, count: int, seed: int) -> Iterator[Interleaving]:
    orders: Iterator[tuple[Told, ...]]
    if count == factorial(len(scenario.told)):
        orders = permutations(scenario.told)
    else:
        dice = random.Random(f"{scenario.name}:orders:{seed}")  # noqa: S311
        orders = (tuple(dice.sample(scenario.told, len(scenario.told))) for _ in range(count))
    for order in islice(orders, count):
        yield one_by_one(order, seed=seed)


def _disorder(scenario: Scenario, dice: random.Random, number: int) -> Interleaving:
    told = list(scenario.told)
    twice = dice.random() < 0.5
    told += [each for each in scenario.told if twice or dice.random() < 0.2]
    told += [twin(each) for each in scenario.told if each.door == "stripe" and dice.random() < 0.15]
    told += [each for each in scenario.before if dice.random() < 0.2]
    dice.shuffle(told)
    return Interleaving(_cut(told, dice), promptness=dice.choice((0.0, 0.2, 0.5, 1.0)), seed=number)


def _cut(told: list[Told], dice: random.Random) -> tuple[tuple[Told, ...], ...]:
    """Cuts into batches: one by one, all at once, or anywhere."""
    chance = dice.choice((1.0, 0.0, 0.3, 0.6))
    batches: list[list[Told]] = [[]]
    for each in told:
        if batches[-1] and dice.random() < chance:
            batches.append([])
        batches[-1].append(each)
    return tuple(tuple(batch) for batch in batches)
