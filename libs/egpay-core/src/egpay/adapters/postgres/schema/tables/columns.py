"""Column helpers: constraint names, timestamps with time zone, and enums as checked text."""

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum, StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    MetaData,
    SmallInteger,
    Text,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def moment(name: str, *, required: bool = False) -> Column[datetime]:
    """A timestamp with time zone."""
    return Column(name, DateTime(timezone=True), nullable=not required)


def stamp(name: str) -> Column[datetime]:
    """A timestamp that defaults to the time of the insert."""
    return Column(name, DateTime(timezone=True), nullable=False, server_default=text("now()"))


def word(name: str, *, required: bool = True, default: str | None = None) -> Column[str]:
    """A text of any length, because PostgreSQL stores long and short at the same price."""
    return Column(name, Text, nullable=not required, server_default=default)


def flag(name: str) -> Column[bool]:
    """A boolean that defaults to false."""
    return Column(name, Boolean, nullable=False, server_default=text("false"))


def amount(name: str, *, default: int | None = None) -> Column[int]:
    """Integer minor units of a currency."""
    return Column(
        name, BigInteger, nullable=False, server_default=None if default is None else text(str(default))
    )


def number() -> Column[int]:
    """An identity column: the row's place in the order of arrival."""
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def step(name: str) -> Column[int]:
    """Progress, as the number of an IntEnum."""
    return Column(name, SmallInteger, nullable=False, server_default=text("0"))


def one_of(column: str, words: Iterable[StrEnum]) -> CheckConstraint:
    """Check constraint: the values that a text may have; a new one needs a migration."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def one_of_steps(column: str, steps: Iterable[IntEnum]) -> CheckConstraint:
    """Check constraint: the numbers that a step may have."""
    listed = ", ".join(str(step.value) for step in steps)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
