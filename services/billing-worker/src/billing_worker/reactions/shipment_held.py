"""Shipment held: an operator keeps devices from leaving."""

from billing_worker.rules.shipment_acts import hold_shipment
from egpay.domain.books import Books
from egpay.domain.events import ShipmentHeld


def shipment_held(event: ShipmentHeld, books: Books) -> Books:
    """Hold them until an operator releases them."""
    return hold_shipment(books, event)
