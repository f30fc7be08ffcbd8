"""The time, as something that is asked for: tests can then stand still in it."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Now, in UTC, with its time zone."""
