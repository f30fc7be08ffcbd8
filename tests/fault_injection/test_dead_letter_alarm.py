"""A dead letter of either service moves the number that an alarm watches."""

import re

import nats
from egpay_system import EgpaySystem, until
from webhook_sender import name, post_webhook, raw_event

from egpay.adapters.nats.tls import tls_context


def counted(egpay: EgpaySystem, service: str) -> float:
    """Sums over all places where a message may fail."""
    numbers = egpay.browser.get(f"{service}/metrics").text
    return sum(map(float, re.findall(r"^egpay_dead_letters_total\{.*\} (.*)$", numbers, re.MULTILINE)))


def test_a_webhook_that_is_not_understood_is_counted_at_the_door(dirty_system: EgpaySystem) -> None:
    before = counted(dirty_system, dirty_system.api)
    assert post_webhook(dirty_system, raw_event("invoice.paid", {"id": 7})).status_code == 200
    until(lambda: counted(dirty_system, dirty_system.api) == before + 1, what="no dead letter is counted")


async def test_a_message_that_no_worker_reads_is_counted_by_the_worker(dirty_system: EgpaySystem) -> None:
    before = counted(dirty_system, dirty_system.worker)
    connection = await nats.connect(dirty_system.nats_url, tls=tls_context(dirty_system.env["NATS_CA_FILE"]))
    headers = {"Egpay-Message-Id": name("odd")}
    await connection.jetstream().publish("billing.events.invoice_paid", b"not one of ours", headers=headers)
    await connection.close()
    until(lambda: counted(dirty_system, dirty_system.worker) > before, what="no dead letter is counted")
