"""A shop's books for the reading commands: one buyer whose purchase is paid, and much of it not done."""

from datetime import datetime, timedelta

import asyncpg
import msgspec

from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.retry_log import PostgresRetryLog
from egpay.adapters.system.clock import utc_now
from egpay.domain.case import Case, CaseKind
from egpay.domain.commands import SendIntroduction
from egpay.domain.events import Source
from egpay.domain.parcels import Progress, Tracking
from egpay.domain.payment import Payment
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.values import InvoiceId, MessageId, PaymentIntentId, SubscriptionId
from egpay.ports.retries import FailedTry
from egpay.testing.builders import account, order, sale, subscription, subscription_changed
from egpay.testing.folds import writing
from egpay.testing.storage import Storage

SUBSCRIPTION = SubscriptionId("sub_ada")
REASON = "the mail server does not take the letter now (451)"
TRACKING = "JD014600003"
MESSAGE = """
    INSERT INTO outbox (message_id, subject, payload, created_at, published_at) VALUES ($1, $2, $3, $4, $4)
"""


async def fill(url: str, storage: Storage, *, failing_since: datetime) -> Sale:
    """Ada's purchase of 166.00 EUR: paid, shipped, with an account whose introduction the mail server refuses."""
    placed = order(organisation="Analytical Société")
    bought = sale(placed)
    async with storage.begin() as uow:
        await uow.sales.add(bought, placed)
    ada = account(organisation=placed.organisation, opened_by=SUBSCRIPTION)
    introduction = SendIntroduction(
        id=MessageId(f"introduction:{ada.organisation.id}"),
        occurred_at=failing_since,
        source=Source.STRIPE,
        sale_id=bought.id,
        organisation_id=ada.organisation.id,
    )
    paid = Payment(
        id=bought.id,
        sale_id=bought.id,
        invoice_id=InvoiceId("in_ada"),
        payment_intent_id=PaymentIntentId("pi_ada"),
        currency="eur",
        amount=16600,
        paid_at=utc_now(),
    )
    sent = Shipment(sale_id=bought.id, asked=True).reported(
        Progress.SHIPPED, utc_now(), tracking=Tracking(carrier="DHL", number=TRACKING)
    )
    case = Case(
        id=f"dispute:{bought.id}",
        kind=CaseKind.DISPUTE,
        subject=bought.id,
        what="the bank asks 166.00 EUR back",
        todo="answer it at Stripe",
        opened_at=utc_now(),
        sale_id=bought.id,
        about=("dp_ada",),
    )
    running = subscription(
        SUBSCRIPTION, sale_id=bought.id, organisation_id=ada.organisation.id, customer_id="cus_ada"
    )
    await storage.apply([subscription_changed("sub_any")], writing(ada, running, paid, sent, case))
    async with create_pool(url, name="test", size=1) as pool:
        await pool.execute(
            "UPDATE sales SET status = 'paid', paid_at = now(), subscription_id = $2, checkout_session_id = 'cs_ada'"
            " WHERE id = $1",
            bought.id,
            SUBSCRIPTION,
        )
        payload = msgspec.json.encode(introduction)
        await pool.execute(
            MESSAGE, introduction.id, "billing.commands.send_introduction", payload, failing_since
        )
        await fail(PostgresRetryLog(pool), introduction, failing_since)
    return bought


async def fail(log: PostgresRetryLog, command: SendIntroduction, at: datetime) -> None:
    """Three tries of the introduction that the mail server refused, the first at that moment."""
    for number in range(1, 4):
        failed_at = at + timedelta(seconds=number - 1)
        await log.record(
            FailedTry(
                message_id=command.id,
                command="send_introduction",
                sale_id=command.sale_id,
                tries=number,
                reason=REASON,
                failed_at=failed_at,
                next_at=failed_at + timedelta(minutes=5),
            )
        )


async def ask(url: str, query: str, *arguments: object) -> list[asyncpg.Record]:
    """Ask the database as its owner."""
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(query, *arguments))
    finally:
        await connection.close()
