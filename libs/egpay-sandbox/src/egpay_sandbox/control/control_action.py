"""Control action: one row of the action table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from egpay_sandbox.control.action_params import ActionParams
from egpay_sandbox.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class ControlAction:
    """One control action: `run` does it to the object with that id and answers JSON."""

    params: type[ActionParams]
    run: Callable[[Sandbox, str, Any], dict[str, Any]]


ActionTable = dict[tuple[str, str], ControlAction]
