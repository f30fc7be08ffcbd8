"""Fan-out: enqueues a delivery of each event for every endpoint that subscribes to its type."""

import json

import msgspec

from egpay_sandbox.delivery.chaos import Chaos
from egpay_sandbox.delivery.delivery_log import WebhookDelivery
from egpay_sandbox.delivery.outbound_requests import OutboundRequest, stripe_signature
from egpay_sandbox.delivery.webhook_dispatcher import WebhookDispatcher
from egpay_sandbox.ids import new_id
from egpay_sandbox.rendering.event import render_event
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Event, WebhookEndpoint
from egpay_sandbox.stripe.webhook_endpoints import active_secrets


class EventFanOut:
    """Subscribes to the account's events and builds the requests of the `stripe` channel."""

    def __init__(self, account: SandboxAccount, dispatcher: WebhookDispatcher, chaos: Chaos) -> None:
        self._account = account
        self._dispatcher = dispatcher
        self._chaos = chaos
        account.listeners.append(self.dispatch)
        dispatcher.request_builders["stripe"] = self

    def dispatch(self, event: Event) -> None:
        """Enqueues the event for every subscribed endpoint; chaos may add a second event of the same fact."""
        self._enqueue_for_endpoints(event)
        if self._chaos.draw_twin("stripe", event.type):
            self._enqueue_for_endpoints(
                self._account.events.store(msgspec.structs.replace(event, id=new_id("evt")))
            )

    def resend(self, event: Event) -> int:
        """Sends the event once more, whatever its state: a manual resend cancels no retries."""
        return self._enqueue_for_endpoints(event, copy=True)

    def __call__(self, delivery: WebhookDelivery, *, bad_signature: bool) -> OutboundRequest | None:
        """Renders the event in this endpoint's API version and signs it for this moment."""
        event = self._account.events.get(delivery.subject)
        endpoint = self._account.endpoints.get(delivery.target)
        if event is None or endpoint is None or endpoint.disabled:
            return None
        pending = self._dispatcher.delivery_log.pending_count(event.id)
        payload = render_event(self._account, event, pending=max(1, pending), version=endpoint.api_version)
        body = json.dumps(payload, indent=2, ensure_ascii=False).encode()
        secrets = ["whsec_not_the_right_one"] if bad_signature else active_secrets(self._account, endpoint)
        timestamp = int(self._account.clock.wall())
        return OutboundRequest(
            url=endpoint.url,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
                "Stripe-Signature": stripe_signature(body, secrets, timestamp),
            },
            body=body,
        )

    def _enqueue_for_endpoints(self, event: Event, *, copy: bool = False) -> int:
        subscribed = [endpoint for endpoint in self._account.endpoints if endpoint.subscribes_to(event.type)]
        for endpoint in subscribed:
            self._dispatcher.enqueue(self._delivery(event, endpoint, copy=copy))
        return len(subscribed)

    def _delivery(self, event: Event, endpoint: WebhookEndpoint, *, copy: bool) -> WebhookDelivery:
        return WebhookDelivery(
            id=new_id("dlv"),
            channel="stripe",
            subject=event.id,
            type=event.type,
            target=endpoint.id,
            posted_at=self._account.clock.wall(),
            copy=copy,
        )
