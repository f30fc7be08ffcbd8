"""Translations for a replay: read stored webhooks by today's rules; they were verified on arrival."""

from collections.abc import Mapping

from egpay.domain.events import Source
from egpay.operations.replay import Translate
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.operator_queries import StoredWebhook


def translations(*, live: bool | None) -> Mapping[Source, Translate]:
    """Return a translation for every source.

    `live` is the mode of our Stripe key; None when unknown, then each event is taken to be of our mode.
    """

    def stripe(stored: StoredWebhook) -> Receipt:
        from egpay.adapters.stripe.inbound.envelope import Envelope, parse_envelope
        from egpay.adapters.stripe.inbound.translation import translate

        envelope = parse_envelope(stored.body)
        own = envelope.livemode if isinstance(envelope, Envelope) else stored.livemode
        return translate(stored.body, live=own if live is None else live, at=stored.received_at)

    return {
        Source.STRIPE: stripe,
        Source.WAREHOUSE: _warehouse,
        Source.RECONCILE: _own,
        Source.OPERATOR: _own,
    }


def _warehouse(stored: StoredWebhook) -> Receipt:
    """Read the body under a signature of a one-time secret, because the reader requires one."""
    import base64
    import secrets

    from egpay.adapters.warehouse.reader import WarehouseWebhooks
    from egpay.adapters.warehouse.signing import Signing

    signing = Signing("whsec_" + base64.b64encode(secrets.token_bytes(24)).decode())
    headers = signing.headers(stored.event_id.removeprefix("warehouse:"), stored.body, at=stored.received_at)
    return WarehouseWebhooks(signing).read(stored.body, headers, at=stored.received_at)


def _own(stored: StoredWebhook) -> Receipt:
    """Read an event that we recorded ourselves, which needs no translation, or an object without consequence."""
    from egpay.adapters.wire import read_event

    if stored.disposition is Disposition.IGNORED:
        return Receipt(
            source=stored.source,
            event_id=stored.event_id,
            type=stored.type,
            body=stored.body,
            occurred_at=stored.occurred_at,
            disposition=stored.disposition,
            reason=stored.reason,
            livemode=stored.livemode,
        )
    event = read_event(stored.body)
    return Receipt(
        source=stored.source,
        event_id=stored.event_id,
        type=stored.type,
        body=stored.body,
        occurred_at=event.occurred_at,
        disposition=Disposition.ACCEPTED,
        event=event,
        sale_id=event.sale_id,
        livemode=stored.livemode,
    )
