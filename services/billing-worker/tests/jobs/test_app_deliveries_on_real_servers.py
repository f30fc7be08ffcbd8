"""The job over PostgreSQL and a real endpoint: two workers, an endpoint that was away, and only what is newest."""

import asyncio
import base64
from typing import Any

import asyncpg
import msgspec
import pytest
from standardwebhooks import Webhook

from billing_worker.jobs.app_deliveries import AppDeliveryJob
from egpay.adapters.app_webhook.endpoint import StandardWebhooksEndpoint
from egpay.adapters.postgres.app_deliveries import PostgresAppDeliveries
from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.schema.rights import BILLING_WORKER
from egpay.adapters.system.clock import utc_now
from egpay.domain.access import AccessLevel
from egpay.domain.books import Records
from egpay.domain.events import Source
from egpay.domain.outcome import Outcome
from egpay.domain.public_events import AccessChanged, PublicObject, public_id
from egpay.domain.values import OrganisationId
from egpay.testing.builders import moment, subscription_changed
from egpay.testing.folds import leading_to
from egpay.testing.scripted_http import ReceivedRequest, ScriptedAnswer, scripted_http
from egpay.testing.storage import Storage, in_postgres

pytestmark = pytest.mark.integration
SECRET = f"whsec_{base64.b64encode(b'a secret of 24 bytes ...').decode()}"


async def told(storage: Storage, organisation: str, version: int, level: AccessLevel) -> None:
    news = AccessChanged(
        id=public_id(PublicObject.ACCESS.of(organisation), version),
        occurred_at=moment(),
        source=Source.STRIPE,
        version=version,
        organisation_id=OrganisationId(organisation),
        access=level,
        why="active",
        seats=1,
    )
    outcome = Outcome(written=Records(), public_events=(news,))
    await storage.apply([subscription_changed(f"sub_{news.id}")], leading_to(outcome))


def heard(request: ReceivedRequest) -> tuple[str, int, str]:
    Webhook(SECRET).verify(request.body, dict(request.headers))
    data: dict[str, Any] = msgspec.json.decode(request.body)["data"]
    return data["organisation_id"], data["version"], data["access"]


async def test_an_endpoint_that_was_away_hears_the_newest_state_of_each_object_once_it_is_back(
    database_url: str,
) -> None:
    names = [f"org_{number}" for number in range(12)]
    login = f"{database_url}?role={BILLING_WORKER}"
    owner = await asyncpg.connect(database_url)
    async with (
        in_postgres(login) as storage,
        create_pool(login, name="test", size=4) as pool,
        scripted_http() as script,
    ):
        endpoint = StandardWebhooksEndpoint.connect(url=script.url, secrets=(SECRET,), clock=utc_now)
        workers = [AppDeliveryJob(PostgresAppDeliveries(pool), endpoint) for _ in range(2)]
        for name in names:
            await told(storage, name, 1, AccessLevel.FULL)
        script.say(ScriptedAnswer(503))
        assert sum(await asyncio.gather(*(worker.turn() for worker in workers))) == 12
        for name in names[:6]:
            await told(storage, name, 2, AccessLevel.NONE)
        # a day goes by: what failed is due within hours, and was not tried just now
        await owner.execute("UPDATE app_deliveries SET tried_at = now() - interval '1 day' WHERE tries > 0")

        script.heard.clear()
        script.say(ScriptedAnswer(200))
        for _ in range(4):
            await asyncio.gather(*(worker.turn() for worker in workers))
        assert sorted(map(heard, script.heard)) == sorted(
            [(name, 2, "none") for name in names[:6]] + [(name, 1, "full") for name in names[6:]]
        )
        assert (await PostgresAppDeliveries(pool).backlog()).waiting == 0
        await endpoint.aclose()
    await owner.close()
