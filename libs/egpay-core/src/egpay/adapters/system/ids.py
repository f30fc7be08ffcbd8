"""Unguessable ids, because a sale's id alone gives read access to its status."""

import base64
import secrets

from egpay.domain.portal_link import PortalLinkId
from egpay.domain.values import SaleId


def new_sale_id() -> SaleId:
    """`sale_` and 26 letters and digits: 128 random bits.

    RFC 4648 base 32 without padding, in lower case."""
    return SaleId(f"sale_{_random()}")


def new_portal_link_id() -> PortalLinkId:
    """`link_` and 26 letters and digits; it is not the token of the link."""
    return PortalLinkId(f"link_{_random()}")


def new_customer_token() -> str:
    """43 characters of a URL: 256 random bits."""
    return secrets.token_urlsafe(32)


def _random() -> str:
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
