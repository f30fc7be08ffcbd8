"""Unguessable ids, because a sale's id alone gives read access to its status."""

import base64
import secrets

from egpay.domain.values import SaleId


def new_sale_id() -> SaleId:
    """`sale_` and 26 letters and digits: 128 random bits.

    RFC 4648 base 32 without padding, in lower case."""
    return SaleId("sale_" + base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower())
