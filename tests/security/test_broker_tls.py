"""TLS to the broker: every program trusts the certificates of NATS_CA_FILE, and no server without one of these."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trustme
from egpay_system import EgpaySystem, running_system
from egpay_system import until as seen

from egpay.adapters.nats.connection import connected
from egpay.adapters.nats.provision import provision
from egpay_local import nats as nats_server
from egpay_local.backing.databases import Databases
from egpay_local.tcp_ports import LOOPBACK

TLS = """
tls {{ cert_file: "{folder}/server.pem", key_file: "{folder}/server.key" }}
"""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture(scope="module")
def tls_url(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A nats-server that speaks TLS only."""
    home = tmp_path_factory.mktemp("tls-nats")
    issued = authority.issue_cert(LOOPBACK)
    issued.private_key_pem.write_to_path(home / "server.key")
    issued.cert_chain_pems[0].write_to_path(home / "server.pem")
    more = TLS.format(folder=home)
    with nats_server.running(home, durable=False, administrator=True, more=more) as server:
        yield server.url(nats_server.ADMINISTRATOR).replace("nats://", "tls://")


async def test_a_server_whose_certificate_is_not_trusted_is_not_connected_to(tls_url: str) -> None:
    async with connected(tls_url, name="test", within=1.0) as connection:
        assert not connection.connected
    other = trustme.CA()
    with other.cert_pem.tempfile() as path:
        async with connected(tls_url, name="test", ca_file=path, within=1.0) as connection:
            assert not connection.connected


async def test_a_plain_url_at_a_server_with_tls_is_encrypted_or_refused(tls_url: str, ca_file: str) -> None:
    plain = tls_url.replace("tls://", "nats://")
    async with connected(plain, name="test", within=1.0) as connection:
        assert not connection.connected
    async with connected(plain, name="test", ca_file=ca_file) as connection:
        assert connection.connected


@pytest.fixture
async def egpay(
    databases: Databases, tls_url: str, ca_file: str, tmp_path: Path
) -> AsyncIterator[EgpaySystem]:
    await provision(tls_url, ca_file=ca_file)
    with (
        databases.fresh() as database_url,
        running_system(database_url, tls_url, tmp_path, NATS_CA_FILE=ca_file) as system,
    ):
        yield system


async def test_a_whole_system_works_over_tls(egpay: EgpaySystem) -> None:
    ordered = egpay.order()
    session = ordered["checkout_session_id"]
    egpay.browser.post(f"{egpay.sandbox}/sandbox/sessions/{session}/pay", json={}).raise_for_status()
    seen(lambda: egpay.sale(ordered["sale_id"])["status"] == "paid", what="the event did not flow")
    seen(lambda: egpay.sale(ordered["sale_id"])["shipment"], what="the command did not flow")
