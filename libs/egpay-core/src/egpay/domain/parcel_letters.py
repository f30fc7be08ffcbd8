"""Parcel letters: which letter is true of each parcel as it is now, for the rule that asks and the effect that sends."""

import hashlib

from egpay.domain.letters import LetterKind
from egpay.domain.parcels import FIRST_PARCEL, Progress, SentParcel
from egpay.domain.shipment import Shipment


def parcel_letter(shipment: Shipment) -> LetterKind | None:
    """The letter that is true of a shipment as it is now; None while there is nothing to say."""
    match shipment.status.value:
        case "shipped":
            return LetterKind.SHIPPED
        case "failed":
            return LetterKind.PARCEL_LOST if shipment.dispatched else LetterKind.DELAYED
        case "returned":
            return LetterKind.PARCEL_RETURNED
    return None


def parcel_letters(shipment: Shipment) -> dict[str, LetterKind]:
    """The letter that is true of each parcel as it is now, by its name; "" is the shipment where none is known."""
    if not shipment.sent:
        kind = parcel_letter(shipment)
        return {"": kind} if kind else {}
    found = {one.name: _letter_of(one, shipment) for one in shipment.sent}
    return {name: kind for name, kind in found.items() if kind}


def parcel_fact(shipment: Shipment, name: str) -> str:
    """The parcel as the key of its letters has it; the first without a number is the sale's, as it always was.

    A number is the warehouse's own text, which not every header takes.
    """
    if name in ("", FIRST_PARCEL):
        return shipment.sale_id
    return f"{shipment.sale_id}:{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def _letter_of(parcel: SentParcel, shipment: Shipment) -> LetterKind | None:
    match parcel.progress:
        case Progress.SHIPPED:
            return LetterKind.SHIPPED
        case Progress.RETURNED:
            return LetterKind.PARCEL_RETURNED
        case Progress.FAILED if parcel.left_at:
            return LetterKind.PARCEL_LOST
        case Progress.FAILED if not shipment.cancelled:
            return LetterKind.DELAYED
    return None
