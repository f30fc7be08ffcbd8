"""Error mapping: translates database errors into Outage (retry later) or Defect (never with this)."""

import asyncio
import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from egpay.domain.errors import Defect, EgpayError, Outage

_REFUSED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)

DATA_ERRORS = (*_REFUSED, UnicodeError)
"""The data itself cannot be stored, now or later: retrying does not help.

A NUL in a text, half a character, a number too large, a broken constraint, a key too long for an index.
Everything else is the database's fault, and passes."""

_FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # raised when the server goes away in the midst of an exchange
    asyncio.TimeoutError,
    OSError,
)


@contextmanager
def mapped_errors() -> Iterator[None]:
    """Translate what the drivers raise into Outage, or into Defect where the data is refused.

    Data errors quote the row, which holds people's names and addresses: those are not chained.
    """
    try:
        yield
    except EgpayError:
        raise
    except _REFUSED as error:
        raise Defect(why_refused(error)) from None
    except Exception as error:
        if not isinstance(error, _FAILURES) and not _is_engines(error):
            raise
        cause = _driver_error(error)
        if isinstance(cause, _REFUSED):
            raise Defect(why_refused(cause)) from None
        if isinstance(cause, asyncpg.InsufficientPrivilegeError):
            raise Outage(
                "the database login lacks a right: `egpay migrate` grants it, or it is the owner's"
            ) from error
        raise Outage(f"the database does not answer ({type(cause).__name__})") from error


def why_refused(error: Exception) -> str:
    """The error's class and the constraint or table it names, never a value."""
    place = getattr(error, "constraint_name", None) or getattr(error, "table_name", None)
    where = f" at {place}" if place else ""
    return f"the database refuses the data: {type(error).__name__}{where}"


def sanitize_text(text: str) -> str:
    """Sanitize a text so that any column and index takes it, for dead letters whose own text did not fit.

    One that is cut ends in a digest of the whole, so that two of them stay distinct."""
    whole = text.replace("\x00", "\ufffd").encode("utf-8", "replace")
    return (
        whole.decode()
        if len(whole) <= 1000
        else f"{whole.decode()[:200]}… {hashlib.sha256(whole).hexdigest()}"
    )


def _is_engines(error: Exception) -> bool:
    """Whether SQLAlchemy raised it, which is loaded only where an engine is used."""
    loaded = sys.modules.get("sqlalchemy.exc")
    return loaded is not None and isinstance(error, loaded.SQLAlchemyError)


def _driver_error(error: Exception) -> BaseException:
    """Unwrap the driver's error, which SQLAlchemy wraps twice."""
    wrapped: BaseException | None = getattr(error, "orig", None) if _is_engines(error) else None
    return error if wrapped is None else wrapped.__cause__ or wrapped
