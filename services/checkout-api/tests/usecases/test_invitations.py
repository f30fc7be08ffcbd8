"""`/v1/invitations`: the token of an introduction lets its admin in once, and tells a stranger nothing."""

from typing import Any

import httpx
import msgspec
import pytest

from checkout_api.dependencies import Adapters
from checkout_api.http.openapi.document import document
from checkout_api.settings import CheckoutApiSettings
from checkout_api.testing.doubles import NOON, StandingClock
from checkout_api.testing.running_app import alive, problem_of
from egpay.adapters.wire import read_command
from egpay.domain.account import INVITATION_LIFETIME, Account, Invitation, UserStatus, token_hash
from egpay.domain.commands import RenewInvitation
from egpay.testing.builders import account
from egpay.testing.memory import MemoryStore

REDEEM, RENEW = "/v1/invitations/redeem", "/v1/invitations/renew"
TOKEN = "tok-en_1"


@pytest.fixture
def ada(store: MemoryStore) -> Account:
    """Ada, who was invited at noon."""
    ada = account()
    store.tables.accounts[ada.organisation.id] = ada
    store.tables.invitations[token_hash(TOKEN)] = Invitation(
        token_hash=token_hash(TOKEN),
        user_id=ada.admin.id,
        expires_at=NOON + INVITATION_LIFETIME,
        organisation_id=ada.organisation.id,
    )
    return ada


async def test_a_link_lets_its_admin_in_once(
    client: httpx.AsyncClient, store: MemoryStore, ada: Account
) -> None:
    entered = await client.post(REDEEM, json={"token": TOKEN})
    assert (entered.status_code, entered.json()) == (
        200,
        {
            "user_id": ada.admin.id,
            "organisation_id": ada.organisation.id,
            "organisation": "Analytical",
            "email": "ada@example.com",
            "app_url": "http://shop.test",
        },
    )
    assert (entered.headers["cache-control"], entered.headers["referrer-policy"]) == (
        "no-store",
        "no-referrer",
    )
    assert store.tables.accounts[ada.organisation.id].admin.status is UserStatus.ACTIVE
    [entry] = store.tables.timeline.values()
    assert (entry.subject, entry.kind) == (ada.organisation.id, "invitation.redeemed")
    assert problem_of(await client.post(REDEEM, json={"token": TOKEN})) == (410, "invitation-used")


async def test_the_product_may_be_elsewhere(
    settings: CheckoutApiSettings, world: Adapters, ada: Account
) -> None:
    elsewhere = msgspec.structs.replace(settings, app_url="https://app.example/")
    async with (
        alive(elsewhere, world) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api.test") as client,
    ):
        assert (await client.post(REDEEM, json={"token": TOKEN})).json()["app_url"] == "https://app.example"


async def test_an_unknown_token_is_answered_like_one_that_has_expired(
    client: httpx.AsyncClient, clock: StandingClock, ada: Account
) -> None:
    clock.forward(days=14)
    answers = [await client.post(REDEEM, json={"token": token}) for token in (TOKEN, "x" * 43)]
    assert [problem_of(answer) for answer in answers] == [(410, "invitation-expired")] * 2
    assert answers[0].content == answers[1].content


async def test_a_renewal_is_answered_the_same_whether_the_token_is_known_or_not(
    client: httpx.AsyncClient, store: MemoryStore, ada: Account
) -> None:
    answers = [await client.post(RENEW, json={"token": token}) for token in (TOKEN, "x" * 43)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    assert str(answers[0].headers) == str(answers[1].headers)
    commands = [read_command(message.payload) for message in store.tables.outbox.values()]
    hashes = [one.token_hash for one in commands if isinstance(one, RenewInvitation)]
    assert hashes == [token_hash(TOKEN).hex(), token_hash("x" * 43).hex()]


async def test_who_asks_again_and_again_asks_once_in_ten_minutes(
    client: httpx.AsyncClient, clock: StandingClock, store: MemoryStore
) -> None:
    for _ in range(5):
        await client.post(RENEW, json={"token": TOKEN})
    assert len(store.tables.outbox) == 1
    clock.forward(minutes=10)
    await client.post(RENEW, json={"token": TOKEN})
    assert len(store.tables.outbox) == 2


@pytest.mark.parametrize("path", [REDEEM, RENEW])
@pytest.mark.parametrize(
    "body",
    [{}, {"token": ""}, {"token": 1}, {"token": "a b"}, {"token": "a" * 201}, {"token": "a", "b": 1}, []],
)
async def test_what_is_no_token_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, store: MemoryStore, path: str, body: Any
) -> None:
    assert problem_of(await client.post(path, json=body)) == (422, "validation")
    assert store.tables.outbox == {}


async def test_an_address_that_tries_tokens_is_told_when_to_go_on(
    settings: CheckoutApiSettings, world: Adapters
) -> None:
    limited = msgspec.structs.replace(settings, checkout_rate_limit=60)
    async with (
        alive(limited, world) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api.test") as client,
    ):
        answers = [
            await client.post(REDEEM if number % 2 else RENEW, json={"token": f"guess{number}"})
            for number in range(11)
        ]
    assert [answer.status_code for answer in answers] == [202, 410] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_a_token_reaches_no_log_and_no_answer(
    client: httpx.AsyncClient, store: MemoryStore, ada: Account, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    answers = [
        await client.post(path, json=body)
        for path in (RENEW, REDEEM, REDEEM)
        for body in ({"token": TOKEN}, {"token": f"{TOKEN}!"}, {"token": [TOKEN]})
    ]
    store.away = True
    answers.append(await client.post(REDEEM, json={"token": TOKEN}))
    told = "".join(
        f"{record.getMessage()}{vars(record)}" for record in caplog.records if record.name != "httpx"
    )
    told += "".join(answer.text for answer in answers)
    assert TOKEN not in told
    assert TOKEN not in repr(store.tables)


async def test_the_examples_of_the_description_pass_validation(client: httpx.AsyncClient) -> None:
    paths = document("http://api.test")["paths"]
    given = {
        path: paths[path]["post"]["requestBody"]["content"]["application/json"]["example"]
        for path in (REDEEM, RENEW)
    }
    assert problem_of(await client.post(REDEEM, json=given[REDEEM])) == (410, "invitation-expired")
    assert (await client.post(RENEW, json=given[RENEW])).status_code == 202
