"""Mail server settings, parsed from one URL."""

from urllib.parse import unquote, urlsplit

import msgspec

from egpay.domain.errors import Defect

_PORTS = {"smtp": 587, "smtps": 465}
"""Default ports (RFC 6409, RFC 8314); STARTTLS is used on the first where the server offers it."""


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """A mail server; `tls` from the first byte, otherwise STARTTLS when offered."""

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str | None = None


def parse_smtp_url(url: str) -> Server:
    """Parse `smtp://user:password@host:port` or `smtps://...`, user and password percent-encoded.

    Anything else raises Defect, which does not quote it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Defect("SMTP_URL is not a URL") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Defect("SMTP_URL must be smtp://[user:password@]host[:port] or smtps://...")
    return Server(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )
