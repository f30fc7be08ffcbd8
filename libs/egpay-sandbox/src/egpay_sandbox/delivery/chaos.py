"""Fault injection: disturbs deliveries by probability and with a seed, but never the account itself."""

import random
from dataclasses import dataclass
from typing import Annotated

import msgspec

from egpay_sandbox.delivery.delivery_log import Channel

Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]


class ChaosSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Fault probabilities of 0 to 1 per delivery; times are seconds.

    `duplicate` sends the same event twice; `twin` makes a second event object of the same fact; `delay` waits
    up to `max_delay`; `reorder` waits up to `reorder_window`, so that neighbours overtake; `drop` loses the
    first attempt, which is then retried; `lose` never sends it at all (only the events list has it);
    `bad_signature` signs the first attempt with a wrong secret; `forget` delivers but takes the answer for a
    failure; `hold` holds everything until released. `types` limits all of it to some event types.
    """

    duplicate: Probability = 0.0
    twin: Probability = 0.0
    delay: Probability = 0.0
    reorder: Probability = 0.0
    drop: Probability = 0.0
    lose: Probability = 0.0
    bad_signature: Probability = 0.0
    forget: Probability = 0.0
    max_delay: Annotated[float, msgspec.Meta(ge=0)] = 2.0
    reorder_window: Annotated[float, msgspec.Meta(ge=0)] = 0.5
    hold: bool = False
    types: list[str] | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class InjectedFaults:
    """The faults drawn for one delivery; `wait` is seconds before its first attempt."""

    wait: float = 0.0
    copies: int = 0
    drop: bool = False
    lose: bool = False
    bad_signature: bool = False
    forget: bool = False
    hold: bool = False


class Chaos:
    """Draws faults for each channel separately; the same seed and order draw the same faults."""

    def __init__(self) -> None:
        self._settings: dict[Channel, ChaosSettings] = {}
        self._rng: dict[Channel, random.Random] = {}
        self.reset()

    def reset(self) -> None:
        """Switches all faults off."""
        for channel in ("stripe", "warehouse"):
            self.configure(channel, ChaosSettings())

    def configure(self, channel: Channel, settings: ChaosSettings) -> None:
        """Sets a channel's settings and seeds its random numbers again."""
        self._settings[channel] = settings
        self._rng[channel] = random.Random(settings.seed)  # noqa: S311 - repeatable dice, no secret

    def settings(self, channel: Channel) -> ChaosSettings:
        """Returns the settings in force."""
        return self._settings[channel]

    def draw_faults(self, channel: Channel, event_type: str) -> InjectedFaults:
        """Draws one delivery's faults, always the same count of numbers, so that settings do not interact."""
        settings, rng = self._settings[channel], self._rng[channel]
        draws = [rng.random() for _ in range(9)]
        if settings.types is not None and event_type not in settings.types:
            return InjectedFaults()
        wait = settings.max_delay * draws[7] if draws[0] < settings.delay else 0.0
        wait += settings.reorder_window * draws[8] if draws[1] < settings.reorder else 0.0
        return InjectedFaults(
            wait=wait,
            copies=int(draws[2] < settings.duplicate),
            drop=draws[3] < settings.drop,
            lose=draws[4] < settings.lose,
            bad_signature=draws[5] < settings.bad_signature,
            forget=draws[6] < settings.forget,
            hold=settings.hold,
        )

    def draw_twin(self, channel: Channel, event_type: str) -> bool:
        """Draws whether this fact gets a second event object."""
        settings = self._settings[channel]
        matches = settings.types is None or event_type in settings.types
        return self._rng[channel].random() < settings.twin and matches
