"""Customer translation: whether an owner can be found by it; its e-mail itself stays out of the event.

docs.stripe.com/api/customers/object
"""

import msgspec

from egpay.adapters.stripe.inbound.envelope import EventHeader
from egpay.adapters.stripe.inbound.translated import (
    Metadata,
    Translated,
    decode_if_raw,
    marked_installation,
    marked_sale_id,
    object_id,
)
from egpay.domain.events import CustomerChanged, CustomerDeleted
from egpay.domain.values import CustomerId


class ChangedCustomerView(msgspec.Struct, frozen=True, kw_only=True):
    """What of a changed customer decides: its id, our mark, and whether it has an e-mail."""

    id: CustomerId
    email: str | None = None
    metadata: Metadata | None = None


_decode = msgspec.json.Decoder(ChangedCustomerView).decode


def changed(header: EventHeader, raw: msgspec.Raw | ChangedCustomerView) -> Translated:
    """Translate a customer that was changed."""
    customer = decode_if_raw(raw, _decode)
    return Translated(
        CustomerChanged(
            **header,
            sale_id=marked_sale_id(customer.metadata),
            installation=marked_installation(customer.metadata),
            customer_id=object_id(customer.id, "id"),
            reachable=bool(customer.email),
        )
    )


def deleted(header: EventHeader, raw: msgspec.Raw | ChangedCustomerView) -> Translated:
    """Translate a customer that was deleted."""
    customer = decode_if_raw(raw, _decode)
    return Translated(
        CustomerDeleted(
            **header,
            installation=marked_installation(customer.metadata),
            customer_id=object_id(customer.id, "id"),
        )
    )
