"""What a start decides once: where the database is, whether Stripe is real, and what the services log in with."""

import secrets

from egpay_local import database_roles, environment, paths, stripe_keys
from egpay_local.generated_secrets import kept
from egpay_local.nats import Nats
from egpay_local.paths import Places
from egpay_local.plan import Ports
from egpay_local.postgres import Postgres
from egpay_local.system import System, local


def decided(ports: Ports, database: Postgres, broker: Nats, where: Places) -> System:
    """The system that this start will run, on servers that are already up."""
    given = environment.with_dotenv(paths.CHECKOUT)
    known = kept(where.state / "secrets.json")
    database_roles.ensure_database(database.url("postgres"), database.name)
    return System(
        ports=ports,
        database=database,
        broker=broker,
        stripe=stripe_keys.chosen(given, local(ports.sandbox), known),
        warehouse_secret=known.warehouse_secret,
        role_passwords={role: secrets.token_urlsafe(24) for role in database_roles.SERVICES.values()},
        sandbox_data=where.sandbox,
        machine=environment.of_the_machine(given),
    )
