"""egpay as it is measured: accepting alone, or as it is deployed, with workers that react."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.contenders import PROGRAMS, Contender, module, start, until_it_answers
from bench.corpus import SALES, SECRET
from bench.setting import Setting
from egpay.adapters.nats.permissions import BILLING_WORKER_LOGIN, CHECKOUT_API_LOGIN
from egpay.adapters.nats.provision import provision
from egpay.adapters.postgres.schema.migrate import upgrade
from egpay.adapters.postgres.schema.tables import metadata
from egpay_local.process import Child
from egpay_local.tcp_ports import reserved

EGPAY_TABLES = ", ".join(
    name for name in metadata.tables if name not in ("products", "prices", "installation")
)


def egpay_database(setting: Setting, name: str) -> str:
    """A migrated database, with the sales of the corpus set aside to be put back before each run."""
    url = setting.fresh_database(name)
    setting.do(upgrade(url))
    setting.run_script(
        name,
        "INSERT INTO products (id, kind, name, description, unit_amount, currency, interval)"
        " VALUES ('monitoring-monthly', 'subscription', 'Monitoring', '', 2900, 'eur', 'month')",
    )
    setting.ask(name, SALES, *setting.corpus.sales())
    setting.run_script(name, "CREATE TABLE bench_sales AS SELECT * FROM sales")
    return url


def egpay_forgets() -> str:
    """All but the catalogue and the sales, which are as they were."""
    return f"TRUNCATE {EGPAY_TABLES};;INSERT INTO sales SELECT * FROM bench_sales;;VACUUM ANALYZE sales"


def egpay_environment(setting: Setting, database_url: str, **more: str) -> dict[str, str]:
    """What the services need to start."""
    return {
        "DATABASE_URL": database_url,
        "NATS_URL": setting.nats_url,
        "STRIPE_SECRET_KEY": "sk_test_bench",
        "STRIPE_WEBHOOK_SECRETS": SECRET,
        "STRIPE_API_BASE": "http://127.0.0.1:1",
        "PUBLIC_URL": "http://127.0.0.1:1",
        "STOREFRONT_URL": "http://127.0.0.1:1",
        "SMTP_URL": "smtp://127.0.0.1:1",
        "MAIL_FROM": "EG <hello@eg.example>",
        "WAREHOUSE_URL": "http://127.0.0.1:1",
        "WAREHOUSE_SECRET": "whsec_YmVuY2hiZW5jaGJlbmNoYmVuY2hiZW5jaA==",
        "LOG_LEVEL": "WARNING",
        **more,
    }


@contextmanager
def egpay(setting: Setting, database: str = "egpay") -> Iterator[Contender]:
    """checkout-api with its relay off."""
    url = egpay_database(setting, database)
    with module(setting, database, "accept_only", egpay_environment(setting, url), probe="/livez") as (
        child,
        port,
    ):
        yield Contender(
            "egpay",
            database,
            port,
            {"accept": child.pid},
            "SELECT count(*) FROM webhook_events",
            f"TRUNCATE {EGPAY_TABLES}",
        )


@contextmanager
def egpay_live(setting: Setting) -> Iterator[Contender]:
    """checkout-api as it is deployed, beside a worker that reacts (see bench.apps.reactions_only): one process of each,
    because the two cores are theirs, PostgreSQL's, the broker's and the load generator's."""
    url = egpay_database(setting, "egpay_live")
    setting.do(provision(setting.nats_url))
    with reserved() as port:
        login = setting.nats.url(CHECKOUT_API_LOGIN.user)
        env = egpay_environment(setting, url, NATS_URL=login, PORT=str(port.number), WORKERS="1")
        child = start(setting, "checkout-api", [PROGRAMS / "checkout-api"], env)
        try:
            until_it_answers(child, f"http://127.0.0.1:{port.number}/readyz")
            yield Contender(
                "egpay live",
                "egpay_live",
                port.number,
                {"accept": child.pid},
                "SELECT count(*) FROM webhook_events",
                egpay_forgets(),
                processed=("processed_messages", "message_id"),
                stream="BILLING",
            )
        finally:
            child.stop()


@contextmanager
def reacting(setting: Setting, processes: int = 1) -> Iterator[dict[str, int]]:
    """So many workers on the database of `egpay_live`; their pids."""
    url = setting.postgres.url("egpay_live")
    with _many(setting, processes, url) as children:
        yield {f"worker{n or ''}": child.pid for n, child in enumerate(children)}


@contextmanager
def _many(
    setting: Setting, processes: int, url: str, done: tuple[Child, ...] = ()
) -> Iterator[tuple[Child, ...]]:
    if len(done) == processes:
        yield done
        return
    env = egpay_environment(setting, url, NATS_URL=setting.nats.url(BILLING_WORKER_LOGIN.user))
    with module(setting, f"worker{len(done)}", "reactions_only", env, workers=1) as (child, _):  # noqa: SIM117
        with _many(setting, processes, url, (*done, child)) as children:
            yield children
