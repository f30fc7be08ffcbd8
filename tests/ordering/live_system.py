"""Live interleavings: signed bodies over HTTP, with PostgreSQL and NATS, in processes of their own."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import httpx
import msgspec
from egpay_system import EgpaySystem
from final_state import ExternalState, FinalState, lasting
from scenario import Scenario, Told, store_declaration
from shop import START
from stub_server import StubServer

from egpay.adapters.nats.connection import Connection, connected
from egpay.adapters.nats.provision import lag_of
from egpay.adapters.postgres.books.loading import load
from egpay.adapters.postgres.connection.pool import Engine, Pool, create_engine, create_pool
from egpay.adapters.postgres.operator.acts import open_acts
from egpay.adapters.postgres.unit_of_work import unit_of_work
from egpay.adapters.system.clock import utc_now
from egpay.adapters.warehouse.signing import Signing
from egpay.domain.acts import Act
from egpay.domain.case import Case
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import InvoiceId, SaleId, SubscriptionId
from egpay.domain.working_set import RecordKeys, keys_linked_from
from egpay.testing.builders import moment
from egpay.testing.stripe_events import signature

PATIENCE = 30.0
_UNPUBLISHED = "SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1"


@dataclass(slots=True)
class LiveSystem:
    """The running system, and a client that delivers webhooks to it."""

    egpay: EgpaySystem
    stub: StubServer
    client: httpx.AsyncClient
    pool: Pool
    engine: Engine
    nats: Connection
    dice: random.Random = field(default_factory=lambda: random.Random(4))  # noqa: S311 - repeatable dice, no secret

    async def tell(self, scenarios: Sequence[Scenario]) -> list[FinalState]:
        """Delivers all scenarios at once, each event once or twice, shuffled; returns their endings."""
        for scenario in scenarios:
            self.stub.know(scenario.truth)
            for price in scenario.catalogue:
                await self.pool.execute(
                    "INSERT INTO known_prices (id, since, product) VALUES ($1, $2, $3)",
                    price.id,
                    price.since,
                    price.product,
                )
        await self._sell([sold for scenario in scenarios for sold in scenario.sold])
        for step in range(max(len(scenario.before) for scenario in scenarios)):
            await self._post([scenario.before[step] for scenario in scenarios if step < len(scenario.before)])
            await self.rest()
        told = [each for scenario in scenarios for each in scenario.told]
        told += [each for each in told if self.dice.random() < 0.5]
        self.dice.shuffle(told)
        while told:
            count = self.dice.choice((1, 2, 8, 40))
            await self._post(told[:count])
            told = told[count:]
        await self.rest()
        return [await self.ending(scenario) for scenario in scenarios]

    async def rest(self) -> None:
        """Waits until nothing is in flight any more."""
        async with asyncio.timeout(PATIENCE):
            while (
                await self.pool.fetch(_UNPUBLISHED)
                or any((await lag_of(self.nats)).values())
                or await self.pool.fetch(_UNPUBLISHED)
            ):
                await asyncio.sleep(0.05)

    async def ending(self, scenario: Scenario) -> FinalState:
        """Loads the ending of one scenario from the database and from outside."""
        like, ask = f"%{scenario.tag}%", self.pool.fetch
        known = {
            table: [row["id"] for row in await ask(f"SELECT id FROM {table} WHERE id LIKE $1", like)]  # noqa: S608
            for table in ("sales", "subscriptions", "payments")
        }
        aside = await ask("SELECT unnest(about) AS id FROM foreign_events WHERE id LIKE $1", like)
        reach = RecordKeys(
            sales=frozenset(map(SaleId, known["sales"])),
            subscriptions=frozenset(
                SubscriptionId(name) for name in (*known["subscriptions"], *(row["id"] for row in aside))
            ),
            invoices=frozenset(map(InvoiceId, known["payments"])),
        )
        async with self.pool.acquire() as connection:
            pages, _ = await load(connection, reach, [])
            while (further := reach | keys_linked_from(pages)) != reach:
                reach = further
                pages, _ = await load(connection, reach, [])
        letters = await ask(
            "SELECT key, kind FROM emails WHERE recipient LIKE $1 AND sent_at IS NOT NULL", like
        )
        cases = await ask(
            "SELECT * FROM cases WHERE subject LIKE $1 OR subject = ANY($2)",
            like,
            [account.organisation.id for account in pages.accounts.values()],
        )
        dead = await ask("SELECT message_id, reason FROM dead_letters WHERE message_id LIKE $1", like)
        parcels = {sale: parcel for sale, parcel in self.stub.parcels.items() if scenario.tag in sale}
        return FinalState(
            pages=pages,
            world=ExternalState(lasting({row["key"]: row["kind"] for row in letters}), parcels),
            cases=[_case(row) for row in cases],
            dead_letters=[f"{row['message_id']}: {row['reason']}" for row in dead],
            at=moment(START + scenario.at - moment().timestamp()),
        )

    async def _sell(self, sold: Sequence[tuple[Sale, Order]]) -> None:
        async with unit_of_work(self.engine)() as uow:
            for sale, order in sold:
                await uow.sales.add(sale, order)

    async def _post(self, told: Sequence[Told]) -> None:
        """Posts all of these at the same time; each must be answered 200."""
        await self._enter([each.act for each in told if each.act])
        for each in told:
            if each.declared:
                async with unit_of_work(self.engine)() as uow:
                    await store_declaration(uow, each)
        posted = [each for each in told if not (each.act or each.declared)]
        answers = await asyncio.gather(*map(self._post_one, posted))
        assert {answer.status_code for answer in answers} <= {200}, {answer.text for answer in answers}

    async def _enter(self, acts: Sequence[Act]) -> None:
        """Enters acts, each once under its key, as the operator's command does after its rehearsal."""
        for act in acts:
            async with open_acts(self.engine)() as transaction:
                await transaction.lock(act)
                if await transaction.of_key(act.key) is None:
                    await transaction.enter(act)

    async def _post_one(self, told: Told) -> httpx.Response:
        now, env = utc_now(), self.egpay.env
        if told.door == "stripe":
            proof = signature(told.body, at=now, secret=env["STRIPE_WEBHOOK_SECRETS"])
            headers = {"stripe-signature": proof}
        else:
            headers = Signing(env["WAREHOUSE_SECRET"]).headers(told.event_id, told.body, at=now)
        url = f"{self.egpay.api}/webhooks/{told.door}"
        return await self.client.post(url, content=told.body, headers=headers)


@asynccontextmanager
async def live_system(egpay: EgpaySystem, stub: StubServer) -> AsyncIterator[LiveSystem]:
    """Connects to the running system during the block, as its owner."""
    engine = create_engine(egpay.database_url, name="test", size=1)
    try:
        async with (
            httpx.AsyncClient(trust_env=False, timeout=30.0) as client,
            create_pool(egpay.database_url, name="test", size=2) as pool,
            connected(egpay.nats_url, name="test") as nats,
        ):
            yield LiveSystem(egpay, stub, client, pool, engine, nats)
    finally:
        await engine.dispose()


def _case(row: asyncpg.Record) -> Case:
    return msgspec.convert({name: row[name] for name in Case.__struct_fields__}, Case)
