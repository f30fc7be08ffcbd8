"""Who of the workers has nothing to do: a message that he should have had and has not is lost, not late."""

from collections.abc import Mapping, Sequence

import msgspec

from egpay.adapters.nats.connection import Connection
from egpay.adapters.nats.provision import lag_of
from egpay.adapters.nats.topology import subjects


class JetStreamIdleConsumers(msgspec.Struct, frozen=True):
    """Port `Listeners` over the durable consumers of the stream."""

    connection: Connection

    async def idle(self) -> Mapping[str, Sequence[str]]:
        """Those without a message that waits or is not acknowledged; one that was put off counts as in work."""
        behind = await lag_of(self.connection)
        return {consumer: subjects(consumer) for consumer, count in behind.items() if not count}
