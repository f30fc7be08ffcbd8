"""What the prototype reads of a webhook and tells its worker."""

import msgspec


class Data(msgspec.Struct):
    object: msgspec.Raw


class Envelope(msgspec.Struct):
    id: str
    type: str
    created: int
    data: Data


class Metadata(msgspec.Struct, frozen=True):
    sale_id: str = ""


class Details(msgspec.Struct, frozen=True):
    metadata: Metadata = Metadata()


class Parent(msgspec.Struct, frozen=True):
    subscription_details: Details = Details()


class Object(msgspec.Struct):
    id: str
    metadata: Metadata = Metadata()
    parent: Parent = Parent()
    status: str = ""
    customer: str = ""
    subscription: str | None = None
    amount_paid: int = 0


class Message(msgspec.Struct):
    id: str
    type: str
    created: int
    object: str
    sale: str
    status: str
    subscription: str | None
    amount: int


envelope = msgspec.json.Decoder(Envelope).decode
inside = msgspec.json.Decoder(Object).decode
encode = msgspec.json.Encoder().encode


def told(event: Envelope, *, whole: bool) -> bytes:
    """What the outbox holds: the bare envelope, or what the prototype's worker needs."""
    if not whole:
        return encode({"id": event.id, "type": event.type, "created": event.created})
    what = inside(event.data.object)
    sale = what.metadata.sale_id or what.parent.subscription_details.metadata.sale_id
    return encode(
        Message(
            event.id,
            event.type,
            event.created,
            what.id,
            sale,
            what.status,
            what.subscription,
            what.amount_paid,
        )
    )
