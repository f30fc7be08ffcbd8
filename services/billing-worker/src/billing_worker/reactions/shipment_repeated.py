"""Shipment repeated: an operator has devices sent again that failed, came back or were cancelled."""

from billing_worker.rules.shipment_acts import ship_again
from egpay.domain.books import Books
from egpay.domain.events import ShipmentRepeated


def shipment_repeated(event: ShipmentRepeated, books: Books) -> Books:
    """Begin the next attempt."""
    return ship_again(books, event)
