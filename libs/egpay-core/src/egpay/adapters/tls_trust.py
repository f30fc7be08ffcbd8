"""TLS context of the HTTPS clients of a process: read once, because reading the root certificates takes 25 ms."""

import ssl
from functools import cache

import httpx


@cache
def tls_context() -> ssl.SSLContext:
    """Build the context that httpx would build for each client: its roots, or those of SSL_CERT_FILE."""
    return httpx.create_ssl_context()
