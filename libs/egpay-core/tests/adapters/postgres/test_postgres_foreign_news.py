"""The snapshot of an account that sells other things too: what is known to be foreign is no news, until it is ours."""

import asyncpg

from egpay.adapters.postgres.books import PostgresBooks
from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.reconciliation import PostgresReconciliationState
from egpay.domain.books import Records
from egpay.domain.events import BillingEvent
from egpay.domain.foreign import NOTHING_OF_OURS, ForeignEvent, objects_of
from egpay.domain.outcome import Outcome
from egpay.domain.values import SubscriptionId
from egpay.testing.builders import invoice_paid, receipt, subscription_changed
from egpay.testing.folds import leading_to


def set_aside(event: BillingEvent) -> Outcome:
    foreign = ForeignEvent(id=event.id, about=objects_of(event), reason=NOTHING_OF_OURS, event=event)
    return Outcome(written=Records(foreign={event.id: foreign}))


async def test_a_foreign_subscription_is_news_once_and_again_when_the_catalogue_knows_its_price(
    database_url: str,
) -> None:
    first = subscription_changed("sub_7", prices=("price_7",))
    again = receipt(subscription_changed("sub_7", prices=("price_7",)))
    renewed = receipt(invoice_paid("in_7", subscription_id=SubscriptionId("sub_7"), initial=False))
    async with create_pool(database_url, name="test") as pool:
        ledger = PostgresReconciliationState(pool)
        assert await ledger.news([again, renewed]) == [again, renewed]
        await PostgresBooks(pool).apply([first], leading_to(set_aside(first)), payloads=None)
        assert await ledger.news([again, renewed]) == []
        connection = await asyncpg.connect(database_url)
        await connection.execute("INSERT INTO known_prices (id) VALUES ('price_7')")
        await connection.close()
        assert await ledger.news([again]) == [again]
