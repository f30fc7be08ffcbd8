"""TLS broker: a nats-server that speaks TLS only, with a certificate of an authority of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from egpay_local import nats
from egpay_local.tcp_ports import LOOPBACK

_TLS = """
tls {{ cert_file: "{folder}/server.pem", key_file: "{folder}/server.key" }}
"""


@dataclass(frozen=True, slots=True)
class TlsBroker:
    """Where it listens, and the file of the certificates by which it is trusted."""

    url: str
    ca_file: str


@contextmanager
def tls_broker(folder: Path) -> Iterator[TlsBroker]:
    """Runs until the block ends; the URL is the administrator's."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    issued = authority.issue_cert(LOOPBACK)
    issued.private_key_pem.write_to_path(folder / "server.key")
    issued.cert_chain_pems[0].write_to_path(folder / "server.pem")
    more = _TLS.format(folder=folder)
    with nats.running(folder, durable=False, administrator=True, more=more) as server:
        yield TlsBroker(server.url(nats.ADMINISTRATOR).replace("nats://", "tls://"), str(ca_file))
