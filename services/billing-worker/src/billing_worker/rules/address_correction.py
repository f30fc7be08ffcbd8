"""Address correction: devices that have not left go where an operator says, and the warehouse is told."""

import msgspec

from billing_worker.rules.acts import act_of, doubt_act, record_act
from billing_worker.rules.shipment_acts import LEFT, OVER, change_instruction
from egpay.domain.acts import ImpossibleAct
from egpay.domain.books import Books
from egpay.domain.corrections import CorrectedAddress
from egpay.domain.events import AddressCorrected


def correct_address(books: Books, event: AddressCorrected) -> Books:
    """Store the address with the sale, and tell the warehouse where it knows another one.

    Of two corrections the newest counts, in whatever order they come. What is on its way goes on, and a rehearsal
    objects to that; what came back can be sent again to it. Raises ImpossibleAct for a sale without devices.
    """
    sale, address = books.sale(event.sale_id), act_of(books, event).arguments.address
    if sale is None or not sale.device_quantity or address is None:
        raise ImpossibleAct(f"there is no sale {event.sale_id} with devices")
    books = record_act(books, event, "sale.address_corrected", "the shipping address was corrected")
    known, shipment = sale.corrected_address, books.shipment(sale.id)
    if shipment and shipment.dispatched and shipment.status not in OVER:
        books = doubt_act(books, event, LEFT)
    if sale.cancelled:
        books = doubt_act(books, event, "the sale is cancelled: nothing is sent")
    if known and known.at >= event.occurred_at:
        return books
    corrected = CorrectedAddress(at=event.occurred_at, address=address)
    books = books.with_sale(msgspec.structs.replace(sale, corrected_address=corrected))
    if shipment is None or not shipment.asked or shipment.dispatched or shipment.cancelled:
        return books
    command = change_instruction(shipment, event)
    return books.with_shipment(shipment.changed(revision=command.revision)).with_commands(command)
