"""The product keeps what is newest, whatever was lost, doubled or reordered, and takes nothing unsigned."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from egpay_sandbox.clock import Clock
from egpay_sandbox.config import Config
from egpay_sandbox.product.view import MalformedNews, ProductNews, ToldObjects
from egpay_sandbox.sqlite_store import SqliteStore
from egpay_sandbox.testing.running_sandbox import RunningSandbox


def access(version: int, level: str, organisation: str = "org_1") -> ProductNews:
    data = {"version": version, "organisation_id": organisation, "access": level}
    return ProductNews("access.changed", "2026-11-23T12:00:00Z", data)


async def tell(
    sandbox: RunningSandbox, news: ProductNews, *, secret: str = Config().app_secret
) -> httpx.Response:
    body = json.dumps({"type": news.type, "timestamp": news.timestamp, "data": news.data})
    now = datetime.now(UTC)  # noqa: TID251 - the signature is checked against the machine's clock
    headers = {
        "webhook-id": f"public:{news.data.get('organisation_id')}:{news.data.get('version')}",
        "webhook-timestamp": str(int(now.timestamp())),
    }
    headers["webhook-signature"] = Webhook(secret).sign(headers["webhook-id"], now, body)
    return await sandbox.http.post("/product/webhooks", content=body, headers=headers)


async def known(sandbox: RunningSandbox) -> dict[str, Any]:
    return {one["id"]: one for one in (await sandbox.http.get("/product/api/objects")).json()}


async def test_signed_news_is_taken_and_shown(sandbox: RunningSandbox) -> None:
    assert (await tell(sandbox, access(1, "full"))).json() == {"received": True, "new": True}
    assert (await tell(sandbox, access(1, "full"))).json() == {"received": True, "new": False}
    [one] = (await known(sandbox)).values()
    assert (one["id"], one["type"], one["version"], one["heard"]) == ("access:org_1", "access.changed", 1, 2)
    page = await sandbox.http.get("/product")
    assert "access:org_1" in page.text
    assert "full" in page.text


async def test_what_is_not_signed_with_its_secret_is_refused_and_what_has_no_object_is_unreadable(
    sandbox: RunningSandbox,
) -> None:
    other = "whsec_bm90LXRoZS1yaWdodC1zZWNyZXQ="
    assert (await tell(sandbox, access(1, "full"), secret=other)).status_code == 401
    assert (await sandbox.http.post("/product/webhooks", content=b"{}")).status_code == 401
    assert (await tell(sandbox, ProductNews("weather.changed", "", {"version": 1}))).status_code == 422
    assert await known(sandbox) == {}


async def test_the_next_messages_are_refused_as_a_test_asks(sandbox: RunningSandbox) -> None:
    await sandbox.http.post("/sandbox/product/refuse", json={"status": 503, "times": 1})
    assert (await tell(sandbox, access(1, "full"))).status_code == 503
    assert (await tell(sandbox, access(1, "full"))).status_code == 200


def view() -> ToldObjects:
    return ToldObjects(SqliteStore(None), Clock())


def test_the_view_converges_whatever_is_lost_doubled_or_reordered_as_long_as_the_newest_arrives() -> None:
    levels = ["full", "grace", "none", "full"]
    versions = [access(number, level) for number, level in enumerate(levels, 1)]
    for place, order in enumerate(itertools.permutations(versions)):
        lost, doubled = place % 4, place % 3
        told = [news for at, news in enumerate(order) if news is versions[-1] or at != lost]
        told += order[doubled:]
        product = view()
        for news in told:
            product.receive(news)
        [one] = product.objects
        assert (one.version, one.data["access"]) == (4, "full")


def test_kinds_count_apart_and_organisations_too() -> None:
    product = view()
    product.receive(access(3, "full"))
    product.receive(access(1, "none", "org_2"))
    product.receive(ProductNews("organisation.opened", "", {"version": 1, "organisation_id": "org_1"}))
    product.receive(ProductNews("sale.paid", "", {"version": 1, "sale_id": "sale_1"}))
    product.receive(ProductNews("sale.refunded", "", {"version": 2, "sale_id": "sale_1", "gone": 5}))
    assert {one.id: (one.type, one.version) for one in product.objects} == {
        "access:org_1": ("access.changed", 3),
        "access:org_2": ("access.changed", 1),
        "organisation:org_1": ("organisation.opened", 1),
        "sale:sale_1": ("sale.refunded", 2),
    }


@pytest.mark.parametrize("data", [{}, {"organisation_id": "org_1"}, {"version": 1}, {"version": "1"}])
def test_news_without_an_object_or_a_version_is_malformed(data: dict[str, Any]) -> None:
    with pytest.raises(MalformedNews):
        view().receive(ProductNews("access.changed", "", data))
