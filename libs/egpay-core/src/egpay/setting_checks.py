"""Setting checks: the form that each kind of variable must have.

Each takes the text of a variable and raises ValueError when it is malformed. The words say what is wanted and
never hold the text, because it may be a secret that was put into the wrong variable.
"""

import re
from collections.abc import Collection
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, parse_qs, urlsplit

from egpay.domain.countries import CHECKOUT_COUNTRIES

_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "«": "»"}  # noqa: RUF001 - word processors make them
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_API_KEY = re.compile(r"[sr]k_(test|live)_[A-Za-z0-9_]+")
_SIGNING_SECRET = re.compile(r"whsec_[A-Za-z0-9_+/=-]+")
_BASE64_SECRET = re.compile(r"whsec_([A-Za-z0-9+/]+)={0,2}")
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

DATABASE = "must be postgresql://user:password@host:port/database"
NATS = "must be nats://user:password@host:port or tls://..., comma-separated for a cluster"
SMTP = "must be smtp://user:password@host:port or smtps://..."
HTTP = "must be an address, http:// or https:// with a host"
BASE = "must be an address, http:// or https:// with a host, without query, fragment and credentials"
ORIGIN = "must be an origin as browsers send it, https://shop.example.com: lower case, nothing after the port"
COUNTRY = "must be countries by their two capital letters (ISO 3166-1), comma-separated: DE,FR,GB"
BEHIND_HASH = "; a # in a user or password is written %23"


def plain(text: str) -> None:
    """Any value: one line of characters that can be seen, without the quotes that some `.env` readers leave."""
    if not text.isprintable():
        raise ValueError("holds a line break or another character that cannot be printed")
    if len(text) > 1 and _QUOTES.get(text[0]) == text[-1]:
        raise ValueError("looks quoted: write the value without quotes")


def entries(text: str) -> list[str]:
    """Split a comma-separated list; an empty entry is a fault, because a list of commas would be no list."""
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise ValueError("is a list with an empty entry")
    for part in parts:
        plain(part)
    return parts


def database_url(text: str) -> None:
    """PostgreSQL's URL (libpq's form): also several hosts, or the folder of a socket as `?host=`."""
    parts = _split(text, ("postgresql",), DATABASE)
    query = parse_qs(parts.query)
    hosts = parts.netloc.rpartition("@")[2]
    if not all(map(_is_host, hosts.split(","))) and (hosts or "host" not in query):
        raise ValueError(DATABASE)
    if not set(query.get("sslmode", ())) <= set(_SSL_MODES):
        raise ValueError(f"has an sslmode that is none of {', '.join(_SSL_MODES)}")


def nats_url(text: str) -> None:
    """NATS servers, each with scheme and host, because nats-py would take anything and try for ever."""
    for server in entries(text):
        parts = _split(server, ("nats", "tls"), NATS)
        if not _is_host(parts.netloc.rpartition("@")[2]) or parts.path.strip("/") or parts.query:
            raise ValueError(NATS)


def smtp_url(text: str) -> None:
    """Mail server; `smtps` speaks TLS from the start."""
    parts = _split(text, ("smtp", "smtps"), SMTP)
    if not _is_host(parts.netloc.rpartition("@")[2]) or parts.path.strip("/") or parts.query:
        raise ValueError(SMTP)


def http_url(text: str) -> None:
    """Address that is called as it is."""
    if not _is_host(_split(text, ("http", "https"), HTTP).netloc.rpartition("@")[2]):
        raise ValueError(HTTP)


def base_url(text: str) -> None:
    """Address to which paths are appended, and which others see."""
    parts = _split(text, ("http", "https"), BASE)
    if not _is_host(parts.netloc) or parts.query:
        raise ValueError(BASE)


def origin(text: str) -> None:
    """Origin of a browser (RFC 6454): another spelling would never match; `*` is every origin."""
    if text == "*":
        return
    parts = _split(text, ("http", "https"), ORIGIN)
    if not _is_host(parts.netloc) or f"{parts.scheme}://{parts.netloc.lower()}" != text:
        raise ValueError(ORIGIN)


def country(text: str) -> None:
    """Country that devices can be sent to."""
    if text not in CHECKOUT_COUNTRIES:
        raise ValueError(COUNTRY)


def proxies(text: str) -> None:
    """Proxies: addresses and networks as uvicorn matches them, or `*` alone."""
    listed = entries(text)
    if "*" in listed and len(listed) > 1:
        raise ValueError("is either * or a list, not both")
    for entry in listed:
        try:
            if entry != "*":
                ip_network(entry)
        except ValueError:
            raise ValueError("must be addresses or networks (10.0.0.0/8), comma-separated, or *") from None


def bind_host(text: str) -> None:
    """Address to listen on: an IP address without brackets, or a name."""
    if not _NAME.fullmatch(text) and not _is_address(text):
        raise ValueError("must be an address to listen on, without scheme and port")


def api_key(text: str) -> None:
    """Stripe's API key, secret or restricted (docs.stripe.com/keys)."""
    if text.startswith("whsec_"):
        raise ValueError("is a signing secret where Stripe's API key belongs (sk_... or rk_...)")
    if not _API_KEY.fullmatch(text):
        raise ValueError("must be Stripe's API key, sk_test_..., sk_live_... or a restricted rk_...")


def signing_secret(text: str) -> None:
    """Signing secret of a webhook endpoint, as Stripe shows it."""
    _refuse_api_key(text)
    if not _SIGNING_SECRET.fullmatch(text):
        raise ValueError("must be a signing secret, whsec_... as Stripe shows it")


def base64_secret(text: str) -> None:
    """Signing secret of Standard Webhooks: `whsec_` and base64, with or without padding."""
    _refuse_api_key(text)
    form = _BASE64_SECRET.fullmatch(text)
    if form is None or len(form[1]) % 4 == 1:
        raise ValueError("must be a signing secret of the form whsec_<base64>")


def words(text: str) -> None:
    """Text that people read: at least one letter or digit."""
    if not any(one.isalnum() for one in text):
        raise ValueError("must be words")


def language(text: str) -> None:
    """Language code of a file of texts, `en`."""
    if not re.fullmatch("[a-z]{2,3}", text):
        raise ValueError("must be a language of two or three small letters, such as en")


def certificates(text: str) -> None:
    """File of PEM certificates that a TLS client can trust; raises OSError when it cannot be read."""
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=text)
    except ssl.SSLError:
        raise ValueError("must be the path of a file with PEM certificates") from None


def _refuse_api_key(text: str) -> None:
    if text.startswith(("sk_", "rk_", "pk_")):
        raise ValueError("is an API key where a signing secret belongs (whsec_...)")


def _split(text: str, schemes: Collection[str], form: str) -> SplitResult:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(form) from None
    if parts.scheme not in schemes or " " in text:
        raise ValueError(form)
    if "#" in text:
        raise ValueError(form + BEHIND_HASH)
    return parts


def _is_host(text: str) -> bool:
    """Whether it is a host, `host:port` or `[address]:port`, with a port that can be connected to."""
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return "@" not in text and port != 0 and bool(_HOST.fullmatch(host) or _is_address(host))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
