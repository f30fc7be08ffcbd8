"""What a customer changes in the billing portal is in our books, in their access, and known to the product."""

import asyncio
import re
import secrets
from typing import Any

from egpay_system import DEADLINE, EgpaySystem, until
from test_purchase import press


def enter_portal(egpay: EgpaySystem, email: str) -> str:
    """Goes from the account corner over the letter's link into the portal; returns its address."""
    asked = egpay.browser.post(f"{egpay.api}/v1/billing-portal/sessions", json={"email": email})
    assert asked.status_code == 202
    [letter] = until(lambda: egpay.letters(email, "portal"), what="no link to the portal")
    link = re.search(r"http\S+/v1/billing-portal/sessions/[\w-]+", letter["text"])
    assert link, letter["text"]
    return str(egpay.browser.get(link[0]).headers["location"])


def access_of_seats(egpay: EgpaySystem, organisation: str, seats: int) -> list[dict[str, Any]]:
    """What the product knows of an organisation's access, once it is for so many seats."""
    told = egpay.browser.get(f"{egpay.sandbox}/product/api/objects").json()
    known = [dict(one["data"]) for one in told if one["id"] == f"access:{organisation}"]
    return [data for data in known if data["seats"] == seats]


async def mirrored(egpay: EgpaySystem, sale: str, **wanted: Any) -> None:
    """Waits until our row of the sale's subscription has these values."""
    columns = "plan, quantity, cancel_at IS NOT NULL AS ends"
    async with asyncio.timeout(DEADLINE):
        while True:
            [row] = await egpay.ask(f"SELECT {columns} FROM subscriptions WHERE sale_id = $1", sale)  # noqa: S608
            if {name: row[name] for name in wanted} == wanted:
                return
            await asyncio.sleep(0.05)


async def test_another_plan_and_an_end_reach_books_and_access(egpay: EgpaySystem) -> None:
    email = f"orla.{secrets.token_hex(4)}@harbour.example"
    answer = egpay.order(email=email, line_items=[{"product": "monitoring-monthly", "quantity": 1}])
    press(egpay, answer["checkout_url"], "pay", email="accounts@harbour.example")
    until(lambda: egpay.letters(email), what="no introduction")
    sale = answer["sale_id"]
    home = enter_portal(egpay, email)
    change = re.search(r"/p/session/\w+/subscriptions/(\w+)/change", egpay.browser.get(home).text)
    assert change
    pages = f"{home}/subscriptions/{change[1]}"
    offered = egpay.browser.get(f"{pages}/change").text
    yearly = re.search(r'value="(price_\w+)">\s*<span><b>EG Monitoring, yearly</b>', offered)
    assert yearly
    chosen = {"price": yearly[1], "quantity": "4"}
    assert "Due today" in egpay.browser.get(f"{pages}/confirm", params=chosen).text
    assert egpay.browser.post(f"{pages}/change", data=chosen).status_code == 303

    await mirrored(egpay, sale, plan="monitoring-yearly", quantity=4)
    [row] = await egpay.ask("SELECT organisation_id FROM subscriptions WHERE sale_id = $1", sale)
    [told] = until(
        lambda: access_of_seats(egpay, row["organisation_id"], 4), what="the product hears of no seats"
    )
    assert (told["access"], told["plan"]) == ("full", "monitoring-yearly")
    [paid] = await egpay.ask(
        "SELECT count(*) AS count FROM payments WHERE sale_id = $1 AND paid_at IS NOT NULL", sale
    )
    assert paid["count"] == 2

    assert egpay.browser.post(f"{pages}/cancel").status_code == 303
    await mirrored(egpay, sale, ends=True)
    assert egpay.browser.post(f"{pages}/keep").status_code == 303
    await mirrored(egpay, sale, ends=False)
    assert not await egpay.ask("SELECT * FROM dead_letters")
