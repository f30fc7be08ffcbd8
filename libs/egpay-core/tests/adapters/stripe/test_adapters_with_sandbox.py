"""The adapters and the sandbox, written apart from the same contracts, understand each other."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from egpay.adapters.smtp.letter_samples import sample_letters
from egpay.adapters.smtp.letter_values import LetterLinks, Seller
from egpay.adapters.smtp.letters import JinjaEmailTemplates
from egpay.adapters.smtp.mail import SmtpMail
from egpay.adapters.stripe.inbound.webhooks import StripeWebhooks
from egpay.adapters.stripe.outbound.billing_portal import put_configuration
from egpay.adapters.stripe.outbound.payments import StripePayments
from egpay.adapters.system.clock import utc_now
from egpay.adapters.warehouse.gateway import WarehouseGateway
from egpay.adapters.warehouse.reader import WarehouseWebhooks
from egpay.domain.catalogue import Interval, Kind, SoldPrice
from egpay.domain.errors import Defect, RequestRefused
from egpay.domain.events import (
    BillingEvent,
    CheckoutCompleted,
    CheckoutExpired,
    DisputeReported,
    InvoicePaid,
    InvoicePaymentFailed,
    PaymentRefunded,
    RefundReported,
    ShipmentReported,
    SubscriptionChanged,
)
from egpay.domain.letters import LetterKind
from egpay.domain.open_sale import open_sale
from egpay.domain.order import Order, OrderLine
from egpay.domain.refunds import RefundStatus
from egpay.domain.sale import Sale
from egpay.domain.shipment import Progress
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import (
    Address,
    CustomerId,
    InvoiceId,
    MessageId,
    PaymentIntentId,
    ProductId,
    SaleId,
    TotalDetails,
)
from egpay.ports.fulfilment import ShippingOrder
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.payments import CheckoutSession, RefundOrder
from egpay.testing.scripted_http import ScriptedHttp, scripted_http
from egpay_sandbox.app import build
from egpay_sandbox.config import Config

pytestmark = pytest.mark.integration

SALE = SaleId("sale_aaaaaaaaaaaaaaaaaaaaaaaaaa")
PATIENCE = 10.0
DEVICE = OrderLine(
    product=ProductId("sensor"),
    kind=Kind.DEVICE,
    name="Sensor",
    quantity=3,
    unit_amount=9_900,
    currency="eur",
)
PLAN = OrderLine(
    product=ProductId("plan"),
    kind=Kind.SUBSCRIPTION,
    name="Plan",
    quantity=2,
    unit_amount=2_900,
    currency="eur",
    interval=Interval.MONTH,
)


@dataclass(frozen=True)
class World:
    """The sandbox, and the door at which its webhooks arrive."""

    config: Config
    door: ScriptedHttp
    smtp_port: int
    http: httpx.AsyncClient
    payments: StripePayments

    async def do(self, deed: str, **wish: Any) -> Any:
        answer = await self.http.post(f"/sandbox/{deed}", json=wish)
        assert answer.is_success, answer.text
        return answer.json()

    async def a_sale(self, *lines: OrderLine) -> tuple[Sale, Order]:
        """A sale of lines whose prices the account has, each made once."""
        order = Order(
            organisation="Engines Ltd",
            name="Ada Lovelace",
            email="ada@example.com",
            lines=tuple([await self._priced(line) for line in lines]),
            shipping_address=Address(
                line1="12 St James's Square", city="London", postal_code="SW1Y 4JH", country="GB"
            ),
        )
        return open_sale(order, sale_id=SALE, at=datetime(2026, 11, 23, 12, tzinfo=UTC)), order

    async def page(self, *lines: OrderLine) -> CheckoutSession:
        """The page of that sale, opened for its customer."""
        sold, order = await self.a_sale(*lines)
        customer = await self.payments.create_customer(sold, order)
        return await self.payments.open_checkout(sold, order, customer)

    async def _priced(self, line: OrderLine) -> OrderLine:
        form: dict[str, Any] = {
            "currency": line.currency,
            "unit_amount": line.unit_amount,
            "product_data[name]": line.name,
            **({"recurring[interval]": line.interval.value} if line.interval else {}),
        }
        headers = {"authorization": "Bearer sk_test_1", "idempotency-key": line.product}
        answer = await self.http.post("/v1/prices", data=form, headers=headers)
        return msgspec.structs.replace(line, price=answer.json()["id"])

    def receipts(self) -> list[Receipt]:
        """All that was delivered, read by the reader it was meant for."""
        stripe = StripeWebhooks(secrets=("whsec_old", self.config.webhook_secret), live=False)
        warehouse = WarehouseWebhooks.with_secret(self.config.warehouse_secret)
        return [
            (stripe if heard.path == "/webhooks/stripe" else warehouse).read(
                heard.body, heard.headers, at=utc_now()
            )
            for heard in self.door.heard
        ]

    async def hears(self, wanted: Callable[[BillingEvent], bool]) -> BillingEvent:
        """Wait for an event; nothing that is delivered meanwhile may be beyond our understanding."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            receipts = self.receipts()
            assert [receipt.reason for receipt in receipts if receipt.disposition is Disposition.PARKED] == []
            found = [receipt.event for receipt in receipts if receipt.event and wanted(receipt.event)]
            if found:
                return found[0]
            assert asyncio.get_running_loop().time() < deadline, [receipt.type for receipt in receipts]
            await asyncio.sleep(0.02)

    async def invoice(self) -> InvoiceId:
        """The invoice that was paid."""
        paid = await self.hears(lambda event: isinstance(event, InvoicePaid))
        assert isinstance(paid, InvoicePaid)
        return paid.invoice_id

    def charge(self) -> str:
        """The charge that paid, as its event named it."""
        bodies = (json.loads(heard.body) for heard in self.door.heard)
        return str(next(one["data"]["object"]["id"] for one in bodies if one["type"] == "charge.succeeded"))

    def payment_intent(self) -> PaymentIntentId:
        bodies = [json.loads(heard.body) for heard in self.door.heard]
        return next(
            PaymentIntentId(body["data"]["object"]["id"])
            for body in bodies
            if body["type"] == "payment_intent.succeeded"
        )


@asynccontextmanager
async def running(config: Config, listener: socket.socket) -> AsyncIterator[int]:
    """The sandbox in this process; yields the port that takes mail."""
    app = build(config)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            assert not task.done()
            await asyncio.sleep(0.01)
        yield app.state["smtp_port"]
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def world() -> AsyncIterator[World]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with scripted_http() as door, httpx.AsyncClient(base_url=url) as http:
            config = Config(
                public_url=url,
                smtp_port=0,
                webhook_url=f"{door.url}/webhooks/stripe",
                warehouse_callback=f"{door.url}/webhooks/warehouse",
                aftermath_delay=0.05,
                shipping_delay=0.05,
            )
            payments = StripePayments.connect(
                secret_key="sk_test_1", storefront_url="https://shop.example", clock=utc_now, api_base=url
            )
            async with running(config, listener) as smtp_port:
                yield World(config, door, smtp_port, http, payments)
            await payments.aclose()


def is_paid_checkout(event: BillingEvent) -> bool:
    return isinstance(event, CheckoutCompleted) and event.paid


async def test_a_subscription_with_devices_is_bought_and_told_about(world: World) -> None:
    page = await world.page(DEVICE, PLAN)
    assert await world.page(DEVICE, PLAN) == page
    await world.do(f"sessions/{page.id}/pay", email="bills@example.com")
    completed = await world.hears(is_paid_checkout)
    changed = await world.hears(lambda event: isinstance(event, SubscriptionChanged))
    paid = await world.hears(lambda event: isinstance(event, InvoicePaid))
    assert isinstance(completed, CheckoutCompleted)
    assert isinstance(changed, SubscriptionChanged)
    assert isinstance(paid, InvoicePaid)
    assert {completed.sale_id, changed.sale_id, paid.sale_id} == {SALE}
    assert (completed.session_id, completed.amount) == (page.id, 3 * 9_900 + 2 * 2_900)
    assert (changed.report.status, changed.report.quantity) == (SubscriptionStatus.ACTIVE, 2)
    assert (paid.initial, paid.amount, paid.subscription_id) == (
        True,
        completed.amount,
        changed.subscription_id,
    )
    assert "bills@example.com" in {receipt.buyer_email for receipt in world.receipts()}


@pytest.mark.parametrize("lines", [(DEVICE,), (DEVICE, PLAN)], ids=["devices", "subscription"])
async def test_the_orders_customer_keeps_what_the_buyer_typed_and_is_the_one_that_is_told_about(
    world: World, lines: tuple[OrderLine, ...]
) -> None:
    sold, order = await world.a_sale(*lines)
    customer = await world.payments.create_customer(sold, order)
    assert await world.payments.create_customer(sold, order) == customer
    page = await world.payments.open_checkout(sold, order, customer)
    await world.do(f"sessions/{page.id}/pay", email="bills@example.com", name="Engines Holding Ltd")
    completed = await world.hears(is_paid_checkout)
    assert isinstance(completed, CheckoutCompleted)
    assert (completed.customer_id, completed.totals) == (customer, TotalDetails())
    found = await world.http.get(f"/v1/customers/{customer}", headers={"authorization": "Bearer sk_test_x"})
    kept = found.json()
    assert (kept["email"], kept["name"]) == ("bills@example.com", "Engines Holding Ltd")
    assert kept["metadata"] == {"sale_id": SALE, "organisation": "Engines Ltd"}


async def test_a_customer_of_an_unpaid_order_is_deleted_and_one_with_a_subscription_is_not(
    world: World,
) -> None:
    sold, order = await world.a_sale(PLAN)
    customer = await world.payments.create_customer(sold, order)
    unpaid = await world.payments.create_customer(sold, order, number=2)
    page = await world.payments.open_checkout(sold, order, customer)
    await world.do(f"sessions/{page.id}/pay")
    assert await world.payments.delete_customer(customer) is False
    assert [await world.payments.delete_customer(unpaid) for _ in range(2)] == [True, True]


async def test_a_subscription_can_be_asked_about_and_its_payment_traced(world: World) -> None:
    page = await world.page(PLAN)
    await world.do(f"sessions/{page.id}/pay")
    paid = await world.hears(lambda event: isinstance(event, InvoicePaid))
    assert isinstance(paid, InvoicePaid)
    assert paid.subscription_id is not None
    standing = await world.payments.subscription(paid.subscription_id)
    assert standing is not None
    assert (standing.report.status, standing.sale_id) == (SubscriptionStatus.ACTIVE, SALE)
    trace = await world.payments.trace_payment(world.payment_intent())
    assert (trace.sale_id, trace.invoice_id) == (SALE, paid.invoice_id)


async def test_devices_alone_have_an_invoice_and_their_refund_names_the_sale(world: World) -> None:
    page = await world.page(DEVICE)
    await world.do(f"sessions/{page.id}/pay")
    paid = await world.hears(lambda event: isinstance(event, InvoicePaid))
    assert isinstance(paid, InvoicePaid)
    assert (paid.sale_id, paid.initial, paid.subscription_id) == (SALE, True, None)
    intent = world.payment_intent()
    trace = await world.payments.trace_payment(intent)
    assert (trace.sale_id, trace.invoice_id) == (SALE, paid.invoice_id)
    refund = await world.do(f"payment_intents/{intent}/refund")
    refunded = await world.hears(lambda event: isinstance(event, PaymentRefunded))
    assert isinstance(refunded, PaymentRefunded)
    assert (refunded.sale_id, refunded.in_full) == (SALE, True)
    await world.do(f"refunds/{refund['id']}/fail")
    failed = await world.hears(
        lambda event: isinstance(event, RefundReported) and event.status is RefundStatus.FAILED
    )
    assert isinstance(failed, RefundReported)
    assert (failed.refund_id, failed.payment_intent_id) == (refund["id"], intent)
    assert failed.amount == refunded.amount_refunded


async def test_a_renewal_is_no_order_and_its_end_is_an_end(world: World) -> None:
    page = await world.page(PLAN)
    await world.do(f"sessions/{page.id}/pay")
    first = await world.hears(lambda event: isinstance(event, InvoicePaid))
    assert isinstance(first, InvoicePaid)
    await world.do(f"subscriptions/{first.subscription_id}/renew")
    renewal = await world.hears(lambda event: isinstance(event, InvoicePaid) and not event.initial)
    assert renewal.sale_id == SALE
    await world.do(f"subscriptions/{first.subscription_id}/cancel", at="now")
    await world.hears(
        lambda event: (
            isinstance(event, SubscriptionChanged) and event.report.status is SubscriptionStatus.CANCELED
        )
    )


async def test_an_unpaid_renewal_is_owed_at_the_customers_address_of_today_until_the_subscription_ends(
    world: World,
) -> None:
    page = await world.page(PLAN)
    await world.do(f"sessions/{page.id}/pay", email="old@example.com")
    first = await world.hears(lambda event: isinstance(event, InvoicePaid))
    assert isinstance(first, InvoicePaid)
    await world.do(f"subscriptions/{first.subscription_id}/renew", outcome="failed")
    failed = await world.hears(lambda event: isinstance(event, InvoicePaymentFailed))
    assert isinstance(failed, InvoicePaymentFailed)
    moved = await world.http.post(
        f"/v1/customers/{first.customer_id}",
        data={"email": "new@example.com"},
        headers={"authorization": "Bearer sk_test_x"},
    )
    assert moved.is_success
    owed = await world.payments.open_invoice(failed.invoice_id)
    assert owed is not None
    assert (owed.email, owed.amount, owed.subscription_ended) == ("new@example.com", PLAN.due, False)
    assert owed.next_attempt_at is not None
    await world.do(f"subscriptions/{first.subscription_id}/cancel", at="now")
    after = await world.payments.open_invoice(failed.invoice_id)
    assert after is None or after.subscription_ended


async def test_an_unpaid_renewal_is_dated_by_its_event_and_by_the_answer_alike(world: World) -> None:
    page = await world.page(PLAN)
    await world.do(f"sessions/{page.id}/pay")
    first = await world.hears(lambda event: isinstance(event, InvoicePaid))
    assert isinstance(first, InvoicePaid)
    assert first.subscription_id is not None
    assert await world.payments.unpaid_renewal(first.subscription_id) is None
    await world.do(f"subscriptions/{first.subscription_id}/renew", outcome="failed")
    failed = await world.hears(lambda event: isinstance(event, InvoicePaymentFailed))
    assert isinstance(failed, InvoicePaymentFailed)
    owed = await world.payments.unpaid_renewal(first.subscription_id)
    assert owed is not None
    assert (owed.invoice_id, owed.owed_since) == (failed.invoice_id, failed.owed_since)


async def test_a_debit_is_paid_when_the_money_comes(world: World) -> None:
    page = await world.page(DEVICE)
    await world.do(f"sessions/{page.id}/pay", means="sepa_debit")
    await world.hears(lambda event: isinstance(event, CheckoutCompleted) and not event.paid)
    await world.do(f"sessions/{page.id}/settle")
    await world.hears(is_paid_checkout)


async def test_a_page_that_nobody_paid_expires(world: World) -> None:
    page = await world.page(DEVICE)
    await world.do(f"sessions/{page.id}/expire")
    expired = await world.hears(lambda event: isinstance(event, CheckoutExpired))
    assert expired.sale_id == SALE


async def test_a_dispute_reaches_us(world: World) -> None:
    page = await world.page(DEVICE)
    await world.do(f"sessions/{page.id}/pay")
    await world.hears(is_paid_checkout)
    await world.do(f"charges/{world.charge()}/dispute")
    opened = await world.hears(lambda event: isinstance(event, DisputeReported))
    assert isinstance(opened, DisputeReported)
    assert opened.payment_intent_id == world.payment_intent()


async def test_a_refund_of_an_act_is_made_once_and_its_event_names_the_act(world: World) -> None:
    page = await world.page(DEVICE)
    await world.do(f"sessions/{page.id}/pay")
    await world.hears(is_paid_checkout)
    order = RefundOrder(
        act=MessageId("act_1"),
        amount=9_900,
        currency="eur",
        payment_intent_id=world.payment_intent(),
        sale_id=SALE,
    )
    made = await world.payments.refund(order, key="refund:act_1")
    by_invoice = msgspec.structs.replace(order, payment_intent_id=None, invoice_id=await world.invoice())
    forgotten = await world.payments.refund(by_invoice, key="a key that Stripe has not seen")
    assert forgotten == made
    told = await world.hears(lambda event: isinstance(event, RefundReported))
    assert isinstance(told, RefundReported)
    assert (told.refund_id, told.act, told.amount) == (made, "act_1", 9_900)
    await world.do(f"charges/{world.charge()}/dispute")
    opened = await world.hears(lambda event: isinstance(event, DisputeReported))
    assert isinstance(opened, DisputeReported)
    assert opened.refundable is False
    with pytest.raises(RequestRefused) as refused:
        await world.payments.refund(
            msgspec.structs.replace(order, act=MessageId("act_2")), key="refund:act_2"
        )
    assert refused.value.code == "charge_disputed"


async def test_the_warehouse_takes_an_order_once_and_reports_back(world: World) -> None:
    gateway = WarehouseGateway.connect(
        url=f"{world.config.public_url}/warehouse/orders", secret=world.config.warehouse_secret, clock=utc_now
    )
    _, order = await world.a_sale(DEVICE)
    assert order.shipping_address is not None
    shipping = ShippingOrder(
        sale_id=SALE,
        name=order.name,
        organisation=order.organisation,
        address=order.shipping_address,
        devices=order.lines,
    )
    for _ in range(2):
        await gateway.ship(shipping, key=MessageId(f"ship:{SALE}"))
    shipped = await world.hears(
        lambda event: isinstance(event, ShipmentReported) and event.progress is Progress.SHIPPED
    )
    assert isinstance(shipped, ShipmentReported)
    assert shipped.sale_id == SALE
    assert shipped.tracking_number
    [parcel] = (await world.http.get("/warehouse/api/orders")).json()
    assert (parcel["sale_id"], parcel["requests"]) == (SALE, 1)
    assert parcel["items"][0]["quantity"] == 3
    await gateway.aclose()


async def test_an_introduction_lies_in_the_mailbox(world: World) -> None:
    links = LetterLinks(storefront_url="https://shop.example", public_url="https://api.example")
    letters = JinjaEmailTemplates(links, Seller(name="EG", email="hello@eg.example"))
    [sample] = sample_letters()[LetterKind.INTRODUCTION]
    letter = letters.render(
        msgspec.structs.replace(sample, to="ada@example.com"),
        message_id="introduction.org_1@egpay",
        date=utc_now(),
    )
    mail = SmtpMail(f"smtp://127.0.0.1:{world.smtp_port}", sender="EG <hello@eg.example>")
    await mail.send(letter)
    await mail.aclose()
    [message] = (await world.http.get("/mailbox/api/messages", params={"to": "ada@example.com"})).json()
    assert message["subject"] == letter.subject


async def test_a_portal_opens_on_an_account_that_never_saved_its_settings_and_is_configured_once(
    world: World,
) -> None:
    made = await world.http.post(
        "/v1/customers", data={"name": "Ada"}, headers={"authorization": "Bearer sk_test_x"}
    )
    customer = CustomerId(made.json()["id"])
    opened = [
        await world.payments.open_portal(customer, return_url="https://shop.example", key=f"portal:{n}")
        for n in range(3)
    ]
    assert len(set(opened)) == 3
    assert [(await world.http.get(url)).status_code for url in opened] == [200] * 3
    listed = await world.http.get(
        "/v1/billing_portal/configurations", headers={"authorization": "Bearer sk_test_x"}
    )
    [configuration] = listed.json()["data"]
    assert configuration["metadata"] == {"egpay": "billing-portal"}
    assert configuration["features"]["subscription_cancel"]["mode"] == "at_period_end"


async def test_a_portal_offers_what_is_on_sale_and_is_one_configuration_however_often_it_is_written(
    world: World,
) -> None:
    key = {"authorization": "Bearer sk_test_x"}
    offers = []
    for name, interval in (("monthly", "month"), ("yearly", "year")):
        product = (await world.http.post("/v1/products", data={"name": name}, headers=key)).json()["id"]
        form = {"product": product, "unit_amount": "1900", "currency": "eur", "recurring[interval]": interval}
        price = (await world.http.post("/v1/prices", data=form, headers=key)).json()["id"]
        offers.append(
            SoldPrice(
                id=price,
                product=ProductId(name),
                stripe_product=product,
                amount=1900,
                currency="eur",
                interval=Interval(interval),
                installation="inst_1",
            )
        )
    for count in (2, 1, 0):
        written = await put_configuration(world.payments.api, "inst_1", offers[:count], key=f"portal:{count}")
        assert written == count
    await put_configuration(world.payments.api, "inst_2", offers, key="portal:other")
    listed = (await world.http.get("/v1/billing_portal/configurations", headers=key)).json()["data"]
    assert [one["metadata"]["egpay_installation"] for one in listed] == ["inst_2", "inst_1"]
    update = listed[0]["features"]["subscription_update"]
    assert (update["default_allowed_updates"], update["proration_behavior"]) == (
        ["price", "quantity"],
        "create_prorations",
    )
    assert not listed[1]["features"]["subscription_update"]["enabled"]


async def test_a_portal_of_an_unknown_customer_is_refused(world: World) -> None:
    with pytest.raises(Defect, match="resource_missing customer"):
        await world.payments.open_portal(
            CustomerId("cus_unknown"), return_url="https://shop.example", key="portal:1"
        )
