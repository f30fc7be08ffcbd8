"""What the product may ask about an organisation: nothing without a key, and with one the policy as it is stored."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from checkout_api.http.openapi.document import document
from checkout_api.testing.doubles import NOON, StandingClock
from checkout_api.testing.running_app import problem_of
from egpay.domain.access import Access, AccessLevel
from egpay.domain.api_key import ApiKeys, api_key_hash, check_entry
from egpay.domain.values import ProductId, SubscriptionId
from egpay.testing.builders import account, subscription
from egpay.testing.memory import MemoryStore

KEY = {"authorization": "Bearer egk_test_0123456789"}
END = NOON + timedelta(days=3)


def opened(store: MemoryStore, **facts: Any) -> str:
    """An organisation with two subscriptions and the access of the one that was started first."""
    owner = account("ada@example.com", opened_by="sub_a")
    key = owner.organisation.id
    store.tables.accounts[key] = owner
    for name, day in (("sub_b", 2), ("sub_a", 1)):
        started = datetime(2026, 11, day, tzinfo=UTC)
        store.tables.subscriptions[SubscriptionId(name)] = replace(
            subscription(name, organisation_id=key), started_at=started
        )
    known: dict[str, Any] = {"level": AccessLevel.FULL, "why": "active", "seats": 3, "version": 2}
    store.tables.accesses[key] = Access(
        organisation_id=key,
        subscription_id=SubscriptionId("sub_a"),
        plan=ProductId("plan"),
        **{**known, **facts},
    )
    return f"/v1/organisations/{key}/access"


async def test_the_product_reads_what_an_organisation_may_use(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    url = opened(store, level=AccessLevel.GRACE, why="past_due", until=END)
    answer = await client.get(url, headers=KEY)
    assert answer.status_code == 200
    assert answer.json() == {
        "organisation_id": url.split("/")[3],
        "access": "grace",
        "until": "2026-11-26T12:00:00Z",
        "why": "past_due",
        "plan": "plan",
        "seats": 3,
        "subscriptions": ["sub_a", "sub_b"],
        "version": 2,
    }
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_a_grace_period_that_has_ended_is_none_before_that_is_stored(
    client: httpx.AsyncClient, store: MemoryStore, clock: StandingClock
) -> None:
    url = opened(store, level=AccessLevel.GRACE, why="past_due", until=END)
    before = await client.get(url, headers=KEY)
    clock.forward(days=3)
    after = await client.get(url, headers={**KEY, "if-none-match": before.headers["etag"]})
    assert (after.status_code, after.json()["access"], after.json()["until"], after.json()["why"]) == (
        200,
        "none",
        None,
        "grace_over",
    )


async def test_a_caller_that_has_the_state_gets_304_until_it_changes(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    url = opened(store)
    tag = (await client.get(url, headers=KEY)).headers["etag"]
    for told in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        same = await client.get(url, headers={**KEY, "if-none-match": told})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    opened(store, seats=4, version=3)
    changed = await client.get(url, headers={**KEY, "if-none-match": tag})
    assert (changed.status_code, changed.json()["seats"]) == (200, 4)
    assert changed.headers["etag"] != tag


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer egk_wrong",
        "Basic egk_test_0123456789",
        "egk_test_0123456789",
        f"Bearer {'x' * 5000}",
        f"Bearer {api_key_hash('egk_test_0123456789')}",
        "Bearer egk_tést",
    ],
)
async def test_without_a_key_of_ours_nothing_is_told_not_even_whether_there_is_such_an_organisation(
    client: httpx.AsyncClient, store: MemoryStore, header: str | None
) -> None:
    given = {} if header is None else {b"authorization": header.encode()}
    for url in (opened(store), "/v1/organisations/org_unknown/access", "/v1/organisations/x%00y/access"):
        answer = await client.get(url, headers=given)
        assert problem_of(answer) == (401, "unauthorized")
        assert answer.headers["www-authenticate"] == 'Bearer realm="egpay"'


async def test_the_scheme_is_read_in_any_case(client: httpx.AsyncClient, store: MemoryStore) -> None:
    headers = {"authorization": "bearer egk_test_0123456789"}
    assert (await client.get(opened(store), headers=headers)).status_code == 200


@pytest.mark.parametrize("name", ["org_unknown", "sub_a", "x" * 300, "org_%27;--", "org_\u0000"])
async def test_an_organisation_that_is_not_known_is_not_found(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/v1/organisations/{name.replace(chr(0), '%00')}/access", headers=KEY)
    assert problem_of(answer) == (404, "not-found")


async def test_access_that_was_never_stored_is_asked_for_later_and_shuts_no_one_out(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    url = opened(store)
    store.tables.accesses.clear()
    answer = await client.get(url, headers=KEY)
    assert problem_of(answer) == (503, "unavailable")
    assert answer.headers["retry-after"] == "30"


async def test_the_key_is_in_no_log(
    client: httpx.AsyncClient, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    url = opened(store)
    await client.get(url, headers=KEY)
    store.away = True
    assert (await client.get(url, headers=KEY)).status_code == 503
    assert "egk_test" not in caplog.text


def test_without_api_keys_no_key_is_accepted() -> None:
    assert not ApiKeys(()).accepts("")
    assert not ApiKeys(()).accepts("egk_test_0123456789")


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "app",
        "app:",
        f":{'0' * 64}",
        f"app:{'0' * 63}",
        f"app:{'G' * 64}",
        "app:egk_secret",
        "a b:" + "0" * 64,
    ],
)
def test_an_entry_that_is_no_hash_is_refused_without_quoting_it(entry: str) -> None:
    with pytest.raises(ValueError, match="name:sha256") as caught:
        check_entry(entry)
    assert "egk_secret" not in str(caught.value)


def test_the_description_names_the_key_the_tag_and_an_example_that_has_every_field() -> None:
    described = document("http://api.test")
    operation = described["paths"]["/v1/organisations/{organisation_id}/access"]["get"]
    assert operation["security"] == [{"ApiKey": []}]
    assert described["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"
    assert {"200", "304", "401", "404", "503"} <= operation["responses"].keys()
    content = operation["responses"]["200"]["content"]["application/json"]
    schema = described["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    assert content["example"].keys() == schema["properties"].keys()
