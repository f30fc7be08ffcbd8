"""Load acts: reads who, why and the personal arguments of the operator's acts in a batch, which few batches have."""

from collections.abc import Mapping, Sequence

import msgspec

from egpay.adapters.postgres.books.loading import fields
from egpay.adapters.postgres.connection.pool import Connection
from egpay.domain.acts import ActRecord, key_of
from egpay.domain.events import BillingEvent, Source
from egpay.domain.values import MessageId

ACTS = f"""
    SELECT json_agg(row) FROM (SELECT {fields(ActRecord)} FROM operator_acts WHERE key = ANY($1)) AS row
"""  # noqa: S608 - built from names of fields only

_decode = msgspec.json.Decoder(list[ActRecord]).decode


async def load_acts(connection: Connection, events: Sequence[BillingEvent]) -> Mapping[MessageId, ActRecord]:
    """Load the rows of the acts among these events; a batch without one costs no round trip."""
    keys = [key_of(event) for event in events if event.source is Source.OPERATOR]
    if not keys:
        return {}
    found = await connection.fetchval(ACTS, keys)
    return {act.key: act for act in _decode(found or "[]")}
