"""Shipment released: an operator lets held devices leave."""

from billing_worker.rules.shipment_acts import release_shipment
from egpay.domain.books import Books
from egpay.domain.events import ShipmentReleased


def shipment_released(event: ShipmentReleased, books: Books) -> Books:
    """Release them from what their operator saw."""
    return release_shipment(books, event)
