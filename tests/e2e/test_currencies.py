"""Currencies, trials and promotion codes on a running system: each sum is the same for buyer, provider and operator."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from counted_changes import counted_changes
from egpay_system import EgpaySystem, order, until
from forked_cli import CommandResult, run_forked
from test_known_customer import stripes
from test_purchase import press, shipped

from egpay_local import hosted_page

CATALOGUE = """
[[product]]
id = "sensor-jp"
kind = "device"
name = "Sensor, Japan"
unit_amount = 4900
currency = "jpy"

[[product]]
id = "sensor-kw"
kind = "device"
name = "Sensor, Kuwait"
unit_amount = 12340
currency = "kwd"

[[product]]
id = "monitoring-kw"
kind = "subscription"
name = "Monitoring, Kuwait"
unit_amount = 1500
currency = "kwd"
interval = "month"
trial_days = 14
"""
MORE = ("sensor-jp", "sensor-kw", "monitoring-kw")


@pytest.fixture(scope="module")
def shop(egpay: EgpaySystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EgpaySystem]:
    """The shared system with more on sale, in yen and dinars."""
    file: Path = tmp_path_factory.mktemp("currencies") / "catalogue.toml"
    file.write_text(CATALOGUE)
    assert egpay_cli(egpay, "catalogue", "apply", str(file)).code == 0
    with counted_changes(egpay.database_url):
        yield egpay
    assert egpay_cli(egpay, "catalogue", "off-sale", *MORE).code == 0


def egpay_cli(shop: EgpaySystem, *arguments: str) -> CommandResult:
    return run_forked(
        arguments, {"PATH": "/usr/bin:/bin", **shop.env, "MIGRATE_DATABASE_URL": shop.database_url}
    )


def bought(shop: EgpaySystem, email: str, **products: int) -> dict[str, Any]:
    """Places an order of these, pays it on its page, and waits until its devices have left."""
    lines = [{"product": name.replace("_", "-"), "quantity": many} for name, many in products.items()]
    answer = shop.order(email=email, line_items=lines)
    press(shop, answer["checkout_url"], "pay", email="accounts@harbour.example")
    until(lambda: shipped(shop, answer["sale_id"]), what="the devices are not shipped")
    return answer


def buyer() -> str:
    return f"orla.{secrets.token_hex(4)}@harbour.example"


@pytest.mark.parametrize(
    ("product", "total", "shown", "part", "minor", "wrong"),
    [
        ("sensor_jp", 9_800, "9800 JPY", "900", 900, "9.50"),
        ("sensor_kw", 24_680, "24.680 KWD", "1.230", 1_230, "1.234"),
    ],
    ids=["yen", "dinars"],
)
async def test_a_currency_of_other_digits_is_right_from_the_order_to_the_refund(
    shop: EgpaySystem, product: str, total: int, shown: str, part: str, minor: int, wrong: str
) -> None:
    email = buyer()
    answer = bought(shop, email, **{product: 2})
    sale_id, currency = answer["sale_id"], product.replace("sensor_jp", "jpy").replace("sensor_kw", "kwd")
    session = stripes(shop, f"checkout/sessions/{answer['checkout_session_id']}")
    assert (session["amount_subtotal"], session["amount_total"], session["currency"]) == (
        total,
        total,
        currency,
    )
    [line] = stripes(shop, f"checkout/sessions/{session['id']}/line_items")["data"]
    assert (line["quantity"], line["price"]["unit_amount"], line["amount_total"]) == (2, total // 2, total)
    state = shop.sale(sale_id)
    assert (state["total"], state["currency"], state["lines"][0]["unit_amount"]) == (
        total,
        currency,
        total // 2,
    )
    [letter] = until(lambda: shop.letters(email, "confirmation"), what="no confirmation")
    assert shown in letter["text"]
    assert shown in letter["html"]
    assert shown in egpay_cli(shop, "sale", "show", sale_id).out

    refund = ("sale", "refund", sale_id, "--reason", "a scratch", "--amount")
    assert egpay_cli(shop, *refund, wrong).code == 1
    assert egpay_cli(shop, *refund, part).code == 0
    [told] = until(lambda: shop.letters(email, "refunded"), what="no letter about the refund")
    assert f"{part} {currency.upper()}" in told["text"]
    [made] = stripes(shop, f"refunds?payment_intent={payment_of(shop, session)}")["data"]
    assert (made["amount"], made["currency"]) == (minor, currency)


def payment_of(shop: EgpaySystem, session: dict[str, Any]) -> str:
    """The payment intent of a session, or that of its invoice."""
    if session["payment_intent"]:
        return str(session["payment_intent"])
    payments = stripes(shop, f"invoice_payments?invoice={session['invoice']}")["data"]
    return str(payments[0]["payment"]["payment_intent"])


async def test_a_cart_of_two_currencies_is_refused_by_its_field(shop: EgpaySystem) -> None:
    lines = [{"product": name, "quantity": 1} for name in ("sensor", "sensor-jp")]
    body = order(email=buyer(), line_items=lines)
    answer = shop.browser.post(f"{shop.api}/v1/checkout/sessions", json=body)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "validation")
    assert [error["field"] for error in answer.json()["errors"]] == ["line_items"]
    assert "one currency" in answer.json()["errors"][0]["message"]


async def test_a_trial_costs_nothing_now_opens_the_account_and_ships_what_was_paid(shop: EgpaySystem) -> None:
    email = buyer()
    answer = bought(shop, email, sensor_kw=1, monitoring_kw=3)
    session = stripes(shop, f"checkout/sessions/{answer['checkout_session_id']}")
    assert (session["amount_subtotal"], session["amount_total"]) == (12_340, 12_340)
    until(lambda: shop.sale(answer["sale_id"])["introduced"], what="no account")
    state = shop.sale(answer["sale_id"])
    assert (state["status"], state["total"], state["subscription"]["status"]) == ("paid", 12_340, "trialing")
    assert [line["trial_days"] for line in state["lines"]] == [0, 14]
    [letter] = until(lambda: shop.letters(email, "confirmation"), what="no confirmation")
    assert "12.340 KWD" in letter["text"]
    assert "14 days" in letter["text"]


async def test_a_trial_alone_is_concluded_without_a_payment(shop: EgpaySystem) -> None:
    email = buyer()
    answer = shop.order(email=email, line_items=[{"product": "monitoring-kw", "quantity": 1}])
    press(shop, answer["checkout_url"], "pay", email="accounts@harbour.example")
    until(lambda: shop.sale(answer["sale_id"])["introduced"], what="no account")
    state = shop.sale(answer["sale_id"])
    assert (state["status"], state["total"], state["subscription"]["status"]) == ("paid", 0, "trialing")
    [letter] = until(lambda: shop.letters(email, "confirmation"), what="no confirmation")
    assert "Nothing is due now" in letter["text"]
    assert "Total: 0.000 KWD" in letter["text"]


async def test_a_promotion_code_of_all_needs_no_payment_and_ships(shop: EgpaySystem) -> None:
    email = buyer()
    code = promotion_code(shop, percent_off="100")
    answer = shop.order(email=email)
    enter_code(shop, answer["checkout_url"], code)
    press(shop, answer["checkout_url"], "pay", email="accounts@harbour.example")
    until(lambda: shipped(shop, answer["sale_id"]), what="the devices are not shipped")
    until(lambda: shop.sale(answer["sale_id"])["introduced"], what="no account")
    session = stripes(shop, f"checkout/sessions/{answer['checkout_session_id']}")
    assert (session["payment_status"], session["amount_total"]) == ("no_payment_required", 0)
    state = shop.sale(answer["sale_id"])
    assert (state["status"], state["total"]) == ("paid", 16_600)
    assert state["total_details"] == {"discount": 16_600, "shipping": 0, "tax": 0}
    assert state["subscription"]["status"] == "active"
    [letter] = until(lambda: shop.letters(email, "confirmation"), what="no confirmation")
    assert "Nothing is due now" in letter["text"]
    assert not await shop.ask("SELECT 1 FROM cases WHERE sale_id = $1", answer["sale_id"])


async def test_what_a_code_took_off_is_stored_and_shown_in_parts(shop: EgpaySystem) -> None:
    email = buyer()
    code = promotion_code(shop, percent_off="25")
    answer = shop.order(email=email)
    enter_code(shop, answer["checkout_url"], code)
    press(shop, answer["checkout_url"], "pay", email="accounts@harbour.example")
    until(lambda: shipped(shop, answer["sale_id"]), what="the devices are not shipped")
    state = until(lambda: (now := shop.sale(answer["sale_id"]))["total_details"] and now, what="no details")
    assert (state["total"], state["total_details"]["discount"]) == (16_600, 4_150)
    printed = " ".join(egpay_cli(shop, "sale", "show", answer["sale_id"]).out.split())
    assert "total 166.00 EUR discount 41.50 EUR payment" in printed
    [letter] = until(lambda: shop.letters(email, "confirmation"), what="no confirmation")
    told = letter["text"].splitlines()
    named = told[told.index("Total: 124.50 EUR") - 1]
    assert named in ("Discount: -41.50 EUR", "Discounts and credits: -41.50 EUR")  # as the webhooks came


def promotion_code(shop: EgpaySystem, **terms: str) -> str:
    """A code that takes something off once, made at the provider as a shop's owner does it there."""
    made = _post(shop, "coupons", {"duration": "once", **terms})
    code = f"HARBOUR{secrets.token_hex(3).upper()}"
    _post(
        shop,
        "promotion_codes",
        {"code": code, "promotion[type]": "coupon", "promotion[coupon]": made["id"]},
    )
    return code


def _post(shop: EgpaySystem, path: str, form: dict[str, str]) -> dict[str, Any]:
    headers = {"authorization": "Bearer sk_test_sandbox"}
    answer = shop.browser.post(f"{shop.sandbox}/v1/{path}", data=form, headers=headers)
    return dict(answer.raise_for_status().json())


def enter_code(shop: EgpaySystem, checkout_url: str, code: str) -> None:
    """Types a code on the hosted page."""
    page = shop.browser.get(checkout_url).raise_for_status()
    for form in hosted_page.parse_forms(page.text):
        if (filled := form.fields_for_button("promotion")) is not None:
            typed = {**filled, "promotion_code": code}
            shop.browser.post(urljoin(str(page.url), form.action), data=typed)
            return
    pytest.fail("the page takes no code")
