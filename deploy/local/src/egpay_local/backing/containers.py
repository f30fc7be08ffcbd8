"""Container servers: the deployed images by testcontainers; proof that no embedded server is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from egpay_local import nats, paths
from egpay_local.backing import Backing
from egpay_local.backing.urls import Urls

_NATS_CONFIGURATION = paths.CHECKOUT / "deploy/nats/nats.conf"


@contextmanager
def containers(state: Path) -> Iterator[Backing]:
    """Starts one PostgreSQL and one NATS for the session, NATS configured as in compose.yaml."""
    testcontainers_config.ryuk_disabled = True  # our own blocks stop what they started: no image to pull
    server = PostgresContainer("postgres:17", driver=None).with_command("-c fsync=off -c max_connections=300")
    logins = state / "container-nats"
    logins.mkdir(parents=True, exist_ok=True)
    password = nats.write_logins(logins, administrator=True)[nats.ADMINISTRATOR]
    messages = (  # testcontainers' own NatsContainer warns about itself, and a warning is an error here
        DockerContainer("nats:2")
        .with_exposed_ports(4222)
        .with_copy_into_container(_NATS_CONFIGURATION, "/egpay.conf")
        .with_copy_into_container(logins / "users.conf", "/users.conf")
        .with_copy_into_container(logins / "secrets" / "passwords.conf", "/secrets/passwords.conf")
        .with_command("--config /egpay.conf")
        .waiting_for(LogMessageWaitStrategy("Server is ready"))
    )
    with server as database, messages as broker:
        host, port = broker.get_container_host_ip(), broker.get_exposed_port(4222)
        yield Urls(
            admin_url=database.get_connection_url(),
            nats_url=f"nats://{nats.ADMINISTRATOR}:{password}@{host}:{port}",
        )
