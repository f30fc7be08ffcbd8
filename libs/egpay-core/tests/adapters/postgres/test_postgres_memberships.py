import asyncpg

from egpay.adapters.postgres.books import PostgresBooks
from egpay.adapters.postgres.connection.pool import create_pool
from egpay.testing.builders import account, subscription_changed
from egpay.testing.folds import writing


async def test_the_admin_of_an_account_is_its_member_however_often_it_is_saved(database_url: str) -> None:
    ada = account()
    async with create_pool(database_url, name="test") as pool:
        for _ in range(2):
            await PostgresBooks(pool).apply([subscription_changed()], writing(ada), payloads=None)
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("SELECT user_id, organisation_id, role FROM memberships")
    await connection.close()
    assert [tuple(row) for row in rows] == [(ada.admin.id, ada.organisation.id, "admin")]
