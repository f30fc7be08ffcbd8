"""Migrate command: upgrades tables and role rights, provisions the broker's stream and consumers."""

from typing import Annotated

import typer

from egpay.settings import from_env
from egpay_cli.running import run, say, say_json
from egpay_cli.settings import OwnerSettings

Replicas = Annotated[int, typer.Option(help="Copies of the stream in a NATS cluster; 3 in production.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print for programs.")]


def migrate(*, replicas: Replicas = 1, as_json: AsJson = False) -> None:
    """Bring database and broker to what this version needs. May be run again, and by several at once.

    It logs in by MIGRATE_DATABASE_URL, as the owner of the schema. With CHECKOUT_API_DB_PASSWORD,
    BILLING_WORKER_DB_PASSWORD and OPERATOR_DB_PASSWORD the three roles get these passwords, so that each program logs
    in as itself with no more than its rights; without them their passwords stay as they are.
    """
    done = run(lambda: _migrate(replicas))
    if as_json:
        say_json({"done": done})
    else:
        say("\n".join(done))


async def _migrate(replicas: int) -> list[str]:
    from egpay.adapters.nats.provision import provision
    from egpay.adapters.postgres.schema.migrate import upgrade
    from egpay.adapters.postgres.schema.role_passwords import set_passwords

    settings = from_env(OwnerSettings)
    await upgrade(settings.owner_url)
    done = ["database: at the newest revision, roles have their rights"]
    if passwords := _passwords(settings):
        await set_passwords(settings.owner_url, passwords)
        done += [f"{role}: has its password" for role in passwords]
    if settings.nats_url:
        changed = await provision(
            settings.nats_url.reveal(), replicas=replicas, ca_file=settings.nats_ca_file
        )
        done += changed or ["broker: as it should be"]
    return done


def _passwords(settings: OwnerSettings) -> dict[str, str]:
    from egpay.adapters.postgres.schema.rights import BILLING_WORKER, CHECKOUT_API, OPERATOR

    given = {
        CHECKOUT_API: settings.checkout_api_db_password,
        BILLING_WORKER: settings.billing_worker_db_password,
        OPERATOR: settings.operator_db_password,
    }
    return {role: password.reveal() for role, password in given.items() if password}
