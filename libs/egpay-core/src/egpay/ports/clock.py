"""Clock: returns the current time, so that a test can stop it."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Now, in UTC, with its time zone."""
