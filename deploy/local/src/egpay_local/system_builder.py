"""System builder: decides at each start on the database, on real Stripe or sandbox, and on logins."""

from egpay_local import database_roles, stripe_keys
from egpay_local.generated_secrets import load_or_generate
from egpay_local.nats import Nats
from egpay_local.paths import Paths
from egpay_local.plan import Ports
from egpay_local.postgres import Postgres
from egpay_local.start_settings import StartSettings
from egpay_local.system import System, local_url


def build_system(
    ports: Ports, database: Postgres, broker: Nats, paths: Paths, settings: StartSettings
) -> System:
    """Builds the system that this start will run, on servers that are already up."""
    generated = load_or_generate(paths.state / "secrets.json")
    database_roles.ensure_database(database.url("postgres"), database.name)
    return System(
        ports=ports,
        database=database,
        broker=broker,
        stripe=stripe_keys.choose(settings.taken, local_url(ports.sandbox), generated),
        warehouse_secret=settings.taken.get("WAREHOUSE_SECRET") or generated.warehouse_secret,
        app_webhook_secret=settings.taken.get("APP_WEBHOOK_SECRET") or generated.app_webhook_secret,
        api_key=generated.api_key,
        role_passwords={
            login.role: settings.taken.get(login.variable) or generated.role_passwords[login.role]
            for login in database_roles.LOGINS
        },
        sandbox_data=paths.sandbox,
        machine=settings.machine,
        settings=settings,
    )
