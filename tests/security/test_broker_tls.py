"""TLS to the broker: every program trusts the certificates of NATS_CA_FILE, and no server without one of these."""

from collections.abc import Iterator

import pytest
import trustme
from egpay_system import EgpaySystem
from egpay_system import until as seen
from tls_broker import TlsBroker, tls_broker

from egpay.adapters.nats.connection import connected


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsBroker]:
    with tls_broker(tmp_path_factory.mktemp("tls-nats")) as running:
        yield running


async def test_a_server_whose_certificate_is_not_trusted_is_not_connected_to(broker: TlsBroker) -> None:
    async with connected(broker.url, name="test", within=1.0) as connection:
        assert not connection.connected
    other = trustme.CA()
    with other.cert_pem.tempfile() as path:
        async with connected(broker.url, name="test", ca_file=path, within=1.0) as connection:
            assert not connection.connected


async def test_a_plain_url_at_a_server_with_tls_is_encrypted_or_refused(broker: TlsBroker) -> None:
    plain = broker.url.replace("tls://", "nats://")
    async with connected(plain, name="test", within=1.0) as connection:
        assert not connection.connected
    async with connected(plain, name="test", ca_file=broker.ca_file) as connection:
        assert connection.connected


async def test_a_whole_system_works_over_tls(dirty_system: EgpaySystem) -> None:
    """Its broker speaks nothing else: without TLS no program of it would be connected."""
    assert dirty_system.env["NATS_URL"].startswith("tls://")
    ordered = dirty_system.order()
    session = ordered["checkout_session_id"]
    paid = dirty_system.browser.post(f"{dirty_system.sandbox}/sandbox/sessions/{session}/pay", json={})
    paid.raise_for_status()
    sale_id = ordered["sale_id"]
    seen(lambda: dirty_system.sale(sale_id)["status"] == "paid", what="the event did not flow")
    seen(lambda: dirty_system.sale(sale_id)["shipment"], what="the command did not flow")
