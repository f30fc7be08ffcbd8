"""An operator has what the customer said, and finds the purchase and what is wrong with it by that."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from operator_system import EgpayCommand
from shop_books import REASON, SUBSCRIPTION, TRACKING, ask, fill

from egpay.adapters.system.clock import utc_now
from egpay.domain.sale import Sale
from egpay.testing.storage import Storage, in_postgres


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop with Ada's purchase in its books, and the operator's command."""

    url: str
    storage: Storage
    egpay: EgpayCommand
    sale: Sale

    async def find(self, word: str, *more: str) -> Any:
        return (await self.egpay("find", word, *more, "--json")).json


@pytest.fixture
async def shop(database_url: str, egpay: EgpayCommand) -> AsyncIterator[Shop]:
    async with in_postgres(database_url) as storage:
        bought = await fill(database_url, storage, failing_since=utc_now() - timedelta(minutes=11))
        yield Shop(database_url, storage, egpay, bought)


async def test_whatever_a_customer_or_a_provider_says_leads_to_the_purchase(shop: Shop) -> None:
    await ask(
        shop.url,
        'UPDATE payments SET refunds = \'{"known": {"re_ada": {}}}\', warnings = \'{"issfr_ada": {}}\'',
    )
    await ask(
        shop.url,
        "INSERT INTO disputes (id, payment_id, status, reported_at) VALUES ('dp_ada', $1, 'lost', now())",
        shop.sale.id,
    )
    await ask(
        shop.url,
        "INSERT INTO webhook_events (source, event_id, type, occurred_at, disposition, sale_id, body)"
        " VALUES ('stripe', 'evt_ada', 'charge.refunded', now(), 'accepted', $1, $2)",
        shop.sale.id,
        b'{"data": {"object": {"id": "ch_ada"}}}',
    )
    [[organisation]] = await ask(shop.url, "SELECT id FROM organisations")
    said = {
        shop.sale.id: "sale",
        " ADA@Example.COM ": "e-mail of a buyer",
        "analytical  société": "organisation of a sale",
        "ada lovelace": "name of a buyer",
        "Analytical": "similar to the organisation or e-mail of a sale",
        "example.com": "similar to the organisation or e-mail of a sale",
        organisation: "organisation",
        "cs_ada": "Checkout session of a sale",
        "pi_ada": "payment",
        "in_ada": "invoice",
        SUBSCRIPTION: "subscription of a sale",
        "cus_ada": "customer of a subscription",
        "re_ada": "refund, warning or credit note of a payment",
        "issfr_ada": "refund, warning or credit note of a payment",
        "dp_ada": "dispute",
        "evt_ada": "webhook of stripe",
        "ch_ada": "named by webhook charge.refunded",
        TRACKING: "tracking number",
        f"dispute:{shop.sale.id}": "case",
        f"introduction:{organisation}": "message",
    }
    for word, what in said.items():
        found = await shop.find(word)
        assert found["hits"][0]["what"] == what, word
        assert [sale["id"] for sale in found["sales"]] == [shop.sale.id], word


async def test_a_person_is_told_with_accounts_sales_subscriptions_cases_and_what_is_retried(
    shop: Shop,
) -> None:
    found = await shop.find("ada@example.com")
    [account] = found["accounts"]
    assert (account["organisation"], account["email"], account["user_status"]) == (
        "Analytical Société",
        "a***@example.com",
        "invited",
    )
    [sale] = found["sales"]
    assert (sale["status"], sale["total"], sale["currency"]) == ("paid", 16600, "eur")
    assert (sale["shipment"], sale["lacks"]) == ("shipped", "introduction not sent")
    assert [one["id"] for one in found["subscriptions"]] == [SUBSCRIPTION]
    assert [one["id"] for one in found["cases"]] == [f"dispute:{shop.sale.id}"]
    [waiting] = found["pending"]
    assert (waiting["what"], waiting["state"], waiting["tries"]) == ("send_introduction", "retried", 3)
    assert (waiting["reason"], waiting["sale_id"]) == (REASON, shop.sale.id)
    printed = (await shop.egpay("find", "ada@example.com")).out
    assert "166.00 EUR" in printed
    assert "ada@example.com" not in printed
    assert "ada@example.com" in (await shop.egpay("find", "ada@example.com", "--unmasked")).out


async def test_an_account_is_shown_by_its_admins_e_mail_with_its_timeline(shop: Shop) -> None:
    [[organisation]] = await ask(shop.url, "SELECT id FROM organisations")
    await ask(
        shop.url,
        "INSERT INTO timeline (subject, at, kind, what) VALUES ($1, now(), 'introduction.requested', 'by ops: lost')",
        organisation,
    )
    for who in ("ada@example.com", "analytical société", organisation):
        told = (await shop.egpay("account", "show", who, "--json")).json
        assert [one["organisation_id"] for one in told["accounts"]] == [organisation]
        assert [line["what"] for line in told["timeline"]] == ["by ops: lost"]
        assert [one["id"] for one in told["sales"]] == [shop.sale.id]
    assert "a***@example.com" in (await shop.egpay("account", "show", organisation)).out
    assert "no such account" in (await shop.egpay("account", "show", "bob@example.com", expect=1)).err


async def test_what_is_known_to_no_record_ends_with_1_and_says_so_in_json_too(shop: Shop) -> None:
    assert "nothing is known" in (await shop.egpay("find", "bob@example.com", expect=1)).err
    failed = await shop.egpay("find", "cs_nothing", "--json", expect=1)
    assert failed.json["error"]["code"] == "refused"
    assert failed.err == ""


async def test_a_sale_is_shown_with_what_of_it_is_not_done_and_without_a_name(shop: Shop) -> None:
    await ask(
        shop.url,
        "INSERT INTO emails (key, kind, recipient, subject, sale_id, claimed_until, sent_at) VALUES"
        " ('k', 'order_confirmation', 'ada@example.com', 'Your order, Analytical Société', $1, now(), now())",
        shop.sale.id,
    )
    told = (await shop.egpay("sale", "show", shop.sale.id, "--json")).json
    [waiting] = told["pending"]
    assert (waiting["state"], waiting["tries"], waiting["reason"]) == ("retried", 3, REASON)
    assert [one["id"] for one in told["cases"]] == [f"dispute:{shop.sale.id}"]
    printed = (await shop.egpay("sale", "show", shop.sale.id)).out
    for words in ("166.00 EUR", "email.order_confirmation", REASON, f"dispute:{shop.sale.id}"):
        assert words in printed
    for personal in ("Analytical", "ada@example.com", "Lovelace"):
        assert personal not in printed


async def test_what_is_done_dropped_or_dead_lettered_is_retried_no_more(shop: Shop) -> None:
    letter = (
        "INSERT INTO dead_letters (message_id, subject, payload, reason, failed_in)"
        " SELECT message_id, subject, payload, 'RecipientRefused: 550', 'delivery' FROM outbox"
        " WHERE subject LIKE '%introduction'"
    )
    await ask(shop.url, letter)
    [waiting] = (await shop.find(shop.sale.id))["pending"]
    assert (waiting["state"], waiting["reason"]) == ("dead letter 1", "RecipientRefused: 550")
    reason = "UPDATE dead_letters SET reason = $1, payload = payload || convert_to($2, 'UTF8')"
    await ask(shop.url, reason, "KeyError: 'Ada Lovelace'", shop.sale.id)
    assert [one["reason"] for one in (await shop.find(shop.sale.id))["pending"]] == ["KeyError"]
    assert "Lovelace" not in (await shop.egpay("sale", "show", shop.sale.id)).out
    await ask(shop.url, "UPDATE dead_letters SET resolved_at = now()")
    assert (await shop.find(shop.sale.id))["pending"] == []
    await ask(shop.url, "DELETE FROM dead_letters")
    assert len((await shop.find(shop.sale.id))["pending"]) == 1
    await ask(shop.url, "INSERT INTO processed_messages SELECT message_id FROM outbox")
    assert (await shop.find(shop.sale.id))["pending"] == []


async def test_news_that_the_product_does_not_take_is_told_once_it_was_tried(shop: Shop) -> None:
    news = (
        "INSERT INTO app_deliveries (object, type, version, message_id, payload, tries, status, next_at)"
        " VALUES ($1, 'sale.paid', 1, 'news_1', convert_to($1, 'UTF8'), $2, 503, now())"
        " ON CONFLICT (object) DO UPDATE SET tries = excluded.tries"
    )
    await ask(shop.url, news, f"sale:{shop.sale.id}", 0)
    assert [one["what"] for one in (await shop.find(shop.sale.id))["pending"]] == ["send_introduction"]
    await ask(shop.url, news, f"sale:{shop.sale.id}", 4)
    told = (await shop.find(shop.sale.id))["pending"][-1]
    assert (told["what"], told["tries"], told["reason"]) == ("delivery sale.paid", 4, "it answered 503")
    assert told["sale_id"] == shop.sale.id


async def test_sales_are_listed_by_status_age_and_what_they_lack(shop: Shop) -> None:
    listed = (await shop.egpay("sale", "ls", "--json")).json
    assert [one["id"] for one in listed] == [shop.sale.id]
    assert (await shop.egpay("sale", "ls", "--status", "refunded", "--json")).json == []
    assert (await shop.egpay("sale", "ls", "--since", "1h", "--json")).json == []
    assert "introduction not sent" in (await shop.egpay("sale", "ls", "--unfulfilled")).out
    await ask(shop.url, "UPDATE shipments SET status = 'held'")
    [held] = (await shop.egpay("sale", "ls", "--unfulfilled", "--json")).json
    assert held["lacks"] == "parcel held"
    await ask(shop.url, "UPDATE shipments SET status = 'delivered'")
    await ask(shop.url, "INSERT INTO processed_messages SELECT message_id FROM outbox")
    assert (await shop.egpay("sale", "ls", "--unfulfilled")).out == "no such sale\n"
    assert (await shop.egpay("sale", "ls", "--status", "lost", expect=2)).out == ""


async def test_statistics_count_sales_and_money_by_the_currencys_own_digits(shop: Shop) -> None:
    await ask(
        shop.url,
        "INSERT INTO payments (id, provider, currency, amount, amount_refunded, paid_at)"
        " VALUES ('in_yen', 'stripe', 'jpy', 4900, 900, now())",
    )
    told = (await shop.egpay("stats", "--since", "2020-01-01", "--json")).json
    assert [(one["name"], one["count"], one["oldest_sale"]) for one in told["by_status"]] == [
        ("paid", 1, shop.sale.id)
    ]
    assert [(one["currency"], one["paid"], one["back"]) for one in told["money"]] == [
        ("eur", 16600, 0),
        ("jpy", 4900, 900),
    ]
    assert [one["name"] for one in told["unfulfilled"]] == ["introduction not sent"]
    printed = (await shop.egpay("stats")).out
    for words in ("166.00 EUR", "4900 JPY", "900 JPY", "introduction not sent"):
        assert words in printed


async def test_doctor_is_alarmed_by_commands_that_fail_for_ten_minutes_and_says_why(shop: Shop) -> None:
    told = (await shop.egpay("doctor", "--json", expect=1)).json["checks"]
    [failing] = [check for check in told if check["what"] == "commands"]
    assert failing["state"] == "wrong"
    assert failing["words"].startswith("send_introduction: 1 waits, failing since ")
    assert f"({REASON})" in failing["words"]
    await ask(shop.url, "UPDATE retries SET first_failed_at = now() - interval '9 minutes'")
    told = (await shop.egpay("doctor", "--json", expect=None)).json["checks"]
    assert [check["state"] for check in told if check["what"] == "commands"] == ["note"]


async def test_doctor_shows_orders_that_the_provider_refused_until_they_get_a_page(shop: Shop) -> None:
    refused = (
        "INSERT INTO timeline (subject, sale_id, at, kind, what, recorded_at)"
        " VALUES ($1, $1, now(), $2, 'Checkout page 1 was refused: resource_missing', now() - $3::interval)"
    )

    async def state() -> str:
        checks = (await shop.egpay("doctor", "--json", expect=None)).json["checks"]
        [found] = [check for check in checks if check["what"] == "checkouts"]
        assert found["state"] == "ok" or "resource_missing" in found["words"]
        return str(found["state"])

    assert await state() == "ok"
    await ask(shop.url, refused, shop.sale.id, "checkout.refused", timedelta(hours=2))
    assert await state() == "note"
    await ask(shop.url, refused, shop.sale.id, "checkout.refused", timedelta(minutes=1))
    assert await state() == "wrong"
    await ask(shop.url, refused, shop.sale.id, "checkout.session_opened", timedelta(0))
    assert await state() == "ok"
