"""Which prices the worker may archive: replaced for longer than a page lives, and on no page that is open."""

from datetime import timedelta

import asyncpg

from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.replaced_prices import PostgresReplacedPrices
from egpay.adapters.postgres.schema.rights import BILLING_WORKER
from egpay.adapters.system.clock import utc_now

FILL = """
    INSERT INTO products (id, kind, name, description, unit_amount, currency)
    SELECT name, 'device', name, '', 100, 'eur' FROM unnest('{a,b,c,d}'::text[]) AS name;
    INSERT INTO prices (id, product, stripe_product, amount, currency, active, installation, replaced_at) VALUES
        ('price_due', 'a', 'prod_a', 90, 'eur', true, 'inst_1', now() - interval '26 hours'),
        ('price_archived', 'a', 'prod_a', 80, 'eur', false, 'inst_1', now() - interval '26 hours'),
        ('price_young', 'b', 'prod_b', 90, 'eur', true, 'inst_1', now() - interval '24 hours'),
        ('price_on_a_page', 'c', 'prod_c', 90, 'eur', true, 'inst_1', now() - interval '26 hours'),
        ('price_sold', 'd', 'prod_d', 90, 'eur', true, 'inst_1', NULL);
    INSERT INTO sales (id, status, organisation, name, email, email_key, device_quantity, total, currency,
                       checkout_expires_at)
    VALUES ('sale_1', 'in_progress', 'o', 'n', 'a@example.com', 'a@example.com', 1, 90, 'eur',
            now() + interval '1 minute');
    INSERT INTO sale_lines (sale_id, position, product, kind, name, quantity, unit_amount, currency, price)
    VALUES ('sale_1', 1, 'c', 'device', 'c', 1, 90, 'eur', 'price_on_a_page');
"""


async def test_the_worker_archives_what_no_open_page_sells_and_marks_it_once(database_url: str) -> None:
    owner = await asyncpg.connect(database_url)
    await owner.execute(FILL)
    async with create_pool(f"{database_url}?role={BILLING_WORKER}", name="test") as pool:
        prices, now = PostgresReplacedPrices(pool), utc_now()
        assert await prices.archivable(at=now) == ["price_due"]
        await prices.archived("price_due")
        await prices.archived("price_sold")
        assert await prices.archivable(at=now) == []
        assert await prices.archivable(at=now + timedelta(hours=2)) == ["price_on_a_page", "price_young"]
    assert await owner.fetchval("SELECT active FROM prices WHERE id = 'price_sold'")
    await owner.close()
