"""Action parameters: the base of the JSON bodies, and those that several nouns share."""

from typing import Literal

import msgspec


class ActionParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Parameters of an action; every action takes only its own."""


class OutcomeParams(ActionParams, frozen=True, kw_only=True):
    """The outcome of a payment."""

    outcome: Literal["succeeded", "failed"] = "succeeded"
