"""One introduction makes one valid invitation, however often it is tried, and its token is only in the e-mail."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg
import msgspec
import pytest

from billing_worker.effects import carry_out
from billing_worker.outbound.context import SENDING_LEASE, EffectContext
from egpay.adapters.system.invitation_tokens import InvitationTokens
from egpay.domain.account import Account, token_hash
from egpay.domain.commands import SendIntroduction
from egpay.domain.errors import Outage
from egpay.domain.events import Source
from egpay.domain.values import MessageId
from egpay.testing.builders import account, moment, subscription_changed
from egpay.testing.folds import writing
from egpay.testing.memory import MemoryInbox, MemorySingleFlight, MemoryStore
from egpay.testing.storage import Storage, in_postgres
from egpay.testing.world import PlainLetters, RecordingMail, RecordingWarehouse, ScriptedPayments

LOGIN = "postgresql://worker:login-secret@db.example/egpay"
KEY = "sk_live_provider_secret"
COMMAND = MessageId("introduction:org_1")


@dataclass(slots=True)
class LettersThatLeft(PlainLetters):
    """Keeps the tokens of all e-mails that were written."""

    @property
    def tokens(self) -> list[str]:
        """Every token, in order."""
        return [letter.token or "" for letter in self.rendered]


@dataclass
class Stage:
    """A worker before a real database, whose secrets may be rolled."""

    storage: Storage
    ada: Account
    mail: RecordingMail = field(default_factory=RecordingMail)
    letters: LettersThatLeft = field(default_factory=LettersThatLeft)
    now: datetime = field(default_factory=moment)
    key: str = KEY

    async def introduce(self, command: MessageId = COMMAND) -> None:
        store = MemoryStore()
        world = EffectContext(
            begin=self.storage.begin,
            mail=self.mail,
            letters=self.letters,
            warehouse=RecordingWarehouse(),
            payments=ScriptedPayments(),
            single_flight=MemorySingleFlight(store),
            inbox=MemoryInbox(store),
            clock=lambda: self.now,
            invitation_token=InvitationTokens(database_url=LOGIN, provider_key=self.key),
            portal_token=lambda command, key: f"token of {command} for {key}",
            mail_domain="eg.example",
        )
        wish = SendIntroduction(
            id=command,
            occurred_at=moment(),
            source=Source.STRIPE,
            organisation_id=self.ada.organisation.id,
        )
        await carry_out(wish, world)

    async def fail(self) -> None:
        self.mail.faults = [Outage("the mail server went away")]
        with pytest.raises(Outage):
            await self.introduce()
        self.now += SENDING_LEASE


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    ada = account()
    async with in_postgres(database_url) as storage:
        await storage.apply([subscription_changed()], writing(ada))
        yield Stage(storage, ada)


async def rows(url: str, query: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(query, *values))
    finally:
        await connection.close()


async def valid_hashes(url: str, at: datetime) -> list[bytes]:
    query = "SELECT token_hash FROM invitations WHERE expires_at > $1 AND used_at IS NULL"
    return [row["token_hash"] for row in await rows(url, query, at)]


async def test_a_retried_introduction_sends_the_same_link_again(stage: Stage, database_url: str) -> None:
    for _ in range(3):
        await stage.fail()
    await stage.introduce()
    [letter] = stage.mail.letters
    assert set(stage.letters.tokens) == {letter.text}
    [kept] = await rows(database_url, "SELECT token_hash, expires_at FROM invitations")
    assert kept["token_hash"] == token_hash(letter.text)
    assert kept["expires_at"] == stage.now + timedelta(days=14)


async def test_a_redelivered_introduction_writes_no_invitation(stage: Stage, database_url: str) -> None:
    await stage.introduce()
    before = await rows(database_url, "SELECT * FROM invitations")
    stage.now += timedelta(days=1)
    stage.key = "sk_live_rolled"
    await stage.introduce()
    assert await rows(database_url, "SELECT * FROM invitations") == before


async def test_a_secret_rolled_between_two_tries_leaves_one_valid_invitation(
    stage: Stage, database_url: str
) -> None:
    await stage.fail()
    stage.key = "sk_live_rolled"
    await stage.introduce()
    [letter] = stage.mail.letters
    assert len(set(stage.letters.tokens)) == 2
    assert await valid_hashes(database_url, stage.now) == [token_hash(letter.text)]


async def test_a_further_invitation_ends_the_one_before(stage: Stage, database_url: str) -> None:
    await stage.introduce()
    stage.now += timedelta(days=1)
    await stage.introduce(MessageId(f"{COMMAND}:2"))
    assert await valid_hashes(database_url, stage.now) == [token_hash(stage.mail.letters[-1].text)]


async def test_an_invitation_that_was_used_is_not_opened_again(stage: Stage, database_url: str) -> None:
    await stage.fail()
    await rows(database_url, "UPDATE invitations SET used_at = now()")
    before = await rows(database_url, "SELECT * FROM invitations")
    await stage.introduce()
    assert await rows(database_url, "SELECT * FROM invitations") == before


async def test_the_token_is_in_no_table_and_in_no_log(
    stage: Stage, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await stage.fail()
    await stage.introduce()
    [token] = set(stage.letters.tokens)
    tables = await rows(database_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    kept = [str(row) for (table,) in tables for row in await rows(database_url, f'SELECT * FROM "{table}"')]  # noqa: S608
    assert kept
    assert not [row for row in kept if token in row]
    assert token not in caplog.text


def test_a_token_needs_both_secrets_and_names_whom_it_invites() -> None:
    ada = account().admin
    moved = msgspec.structs.replace(ada, email="ada@new.example")
    tokens = {
        InvitationTokens(database_url=login, provider_key=key)(command, user)
        for login in (LOGIN, "postgresql://worker:other@db.example/egpay", "postgresql:///egpay")
        for key in (KEY, "sk_live_other")
        for command in (COMMAND, MessageId("introduction:org_2"))
        for user in (ada, moved)
    }
    assert len(tokens) == 3 * 2 * 2 * 2
    assert all(len(token) == 43 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)
    elsewhere = InvitationTokens(database_url=LOGIN.replace("db.example", "10.0.0.7:6432"), provider_key=KEY)
    assert elsewhere(COMMAND, ada) == InvitationTokens(database_url=LOGIN, provider_key=KEY)(COMMAND, ada)


def test_the_maker_of_tokens_shows_no_secret() -> None:
    assert "secret" not in repr(InvitationTokens(database_url=LOGIN, provider_key=KEY))
