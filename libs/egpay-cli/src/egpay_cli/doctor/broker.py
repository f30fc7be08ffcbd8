"""Broker check: topology as this version needs it, and no consumer lag."""

from collections.abc import Sequence

from egpay_cli.doctor.finding import Sign, listed, ok, wrong
from egpay_cli.settings import DoctorSettings

MUCH = 10_000
"""Messages of lag; a worker handles so many in seconds."""


async def look_at_broker(settings: DoctorSettings, replicas: int) -> Sequence[Sign]:
    """Check drift and lag. Raises Outage when the broker does not answer."""
    if settings.nats_url is None:
        return []
    from egpay.adapters.nats.provision import drift, lag

    url = settings.nats_url.reveal()
    if faults := await drift(url, replicas=replicas, ca_file=settings.nats_ca_file):
        return [wrong("broker", f"{fault}; `egpay migrate` mends it") for fault in faults]
    lags = await lag(url, ca_file=settings.nats_ca_file)
    behind = {consumer: count for consumer, count in lags.items() if count}
    words = ", ".join(f"{consumer}: {count}" for consumer, count in behind.items())
    piled = [words] if any(count > MUCH for count in behind.values()) else []
    return [
        ok("broker", "stream and consumers are as they should be"),
        *listed("lag", piled, otherwise=words or "no consumer is behind"),
    ]
