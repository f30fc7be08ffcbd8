"""Command runner: runs a command with a database engine of its own, and prints its result."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec

from egpay.adapters.postgres.connection.pool import Engine, Pool, create_engine, create_pool
from egpay.settings import from_env
from egpay_cli.settings import OperatorSettings, OwnerSettings

T = TypeVar("T")


@asynccontextmanager
async def database() -> AsyncIterator[Engine]:
    """Open an engine on DATABASE_URL for the length of a command."""
    async with _engine(from_env(OperatorSettings).database_url.reveal()) as engine:
        yield engine


@asynccontextmanager
async def database_pool() -> AsyncIterator[Pool]:
    """Open a pool on DATABASE_URL for the length of a command that only reads."""
    url = from_env(OperatorSettings).database_url.reveal()
    async with create_pool(url, name="egpay-cli", size=2, statement_timeout=60.0) as pool:
        yield pool


@asynccontextmanager
async def owners_database() -> AsyncIterator[Engine]:
    """Open an engine as the owner of the schema, for what no other login may do."""
    async with _engine(from_env(OwnerSettings).owner_url) as engine:
        yield engine


@asynccontextmanager
async def _engine(url: str) -> AsyncIterator[Engine]:
    engine = create_engine(url, name="egpay-cli", size=4, statement_timeout=60.0)
    try:
        yield engine
    finally:
        await engine.dispose()


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run a command in an event loop, to its end."""

    async def whole() -> T:
        return await work()

    return asyncio.run(whole())


def say(text: str) -> None:
    """Print a line for people."""
    sys.stdout.write(text + "\n")


def say_json(content: Any) -> None:
    """Print indented JSON for programs."""
    say(msgspec.json.format(msgspec.json.encode(content), indent=2).decode())


def readable(body: bytes) -> Any:
    """Decode a message as JSON where it is JSON, else as text."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", "backslashreplace")
