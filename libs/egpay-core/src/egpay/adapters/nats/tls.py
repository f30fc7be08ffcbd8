"""TLS to the broker: trusts the certificates that an operator names, or those of the machine."""

import ssl


def tls_context(ca_file: str | None) -> ssl.SSLContext | None:
    """TLS settings that trust these certificates; None leaves it to nats-py, which trusts the machine's."""
    return None if ca_file is None else ssl.create_default_context(cafile=ca_file)
