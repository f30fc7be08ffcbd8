"""Prometheus metrics: counts what comes in, what is pending, what was done and what was dead-lettered.

Labels are words from closed sets, never ids, because a series per customer would overload Prometheus.
"""

from collections.abc import Collection

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from egpay.ports.inbox import Receipt
from egpay.telemetry.buffered_metrics import BufferedMetrics
from egpay.telemetry.multiprocess import shared_directory

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """Metrics: all of egpay's series, on a registry of their own; made once, by the composition root.

    A single process reports itself, with its CPU, memory and garbage collector. With `workers` > 1 each
    process reports the sum of all.
    """

    def __init__(self, *, webhook_types: Collection[str] = ()) -> None:
        """Register every series; of webhooks each of these types has its own, all others are `other`."""
        self._webhook_types = frozenset(webhook_types)
        self.registry = CollectorRegistry()
        self.buffered = BufferedMetrics()
        if shared_directory() is None:
            _describe_process(self.registry)
        self._count_what_comes_in()
        self._count_what_waits()
        self._count_what_is_done()
        self._count_trouble()

    def count_webhook(self, receipt: Receipt) -> None:
        """Count a stored webhook, also one that was delivered again; visible within a tenth of a second.

        The series is cached, because looking it up by its labels costs more than counting.
        """
        # a sender with a true signature may name any type, and each would be a series for ever
        known = receipt.type if receipt.type in self._webhook_types else "other"
        labels = receipt.source, known, receipt.disposition
        series = self._webhooks.get(labels)
        if series is None:
            series = self._webhooks[labels] = self.webhooks.labels(*labels)
        self.buffered.count(series)

    def count_dead_letter(self, failed_in: str) -> None:
        """Count a message that was dead-lettered."""
        self.dead_letters.labels(failed_in).inc()

    def render(self) -> bytes:
        """Prometheus text (`CONTENT_TYPE`), of all processes when they share a directory."""
        self.buffered.flush()
        directory = shared_directory()
        if directory is None:
            return generate_latest(self.registry)
        from prometheus_client.multiprocess import MultiProcessCollector

        everybody = CollectorRegistry()
        MultiProcessCollector(everybody, path=directory)  # type: ignore[no-untyped-call]
        return generate_latest(everybody)

    def _count_what_comes_in(self) -> None:
        self.http_requests = self._counter(
            "http_requests", "Responses by route.", "method", "route", "status"
        )
        self.http_seconds = self._histogram("http_seconds", "Time to answer.", _FAST, "method", "route")
        self.http_malformed = self._counter(
            "http_malformed", "Requests that are not HTTP: answered 400 by the server."
        )
        self.webhooks = self._counter("webhooks", "Webhooks received.", "source", "type", "disposition")
        self._webhooks: dict[tuple[str, str, str], Counter] = {}

    def _count_what_waits(self) -> None:
        self.outbox_depth = self._gauge("outbox_messages", "Messages that wait for the broker.")
        self.outbox_age = self._gauge("outbox_oldest_seconds", "Age of the oldest of them.")
        self.relay_batch = self._histogram("relay_batch_messages", "Sent to the broker at once.", _BATCH)
        self.consumer_lag = self._gauge("consumer_lag_messages", "Not acknowledged yet.", "consumer")
        self.app_waiting = self._gauge("app_deliveries_waiting", "News that the product has not taken.")
        self.app_oldest = self._gauge("app_deliveries_oldest_seconds", "For how long the oldest waits.")
        self.cases = self._gauge("cases", "Open cases.", "kind")
        self.cases_oldest = self._gauge("cases_oldest_seconds", "Age of the oldest of them.", "kind")

    def _count_what_is_done(self) -> None:
        self.worker_batch = self._histogram("worker_batch_messages", "Worked on at once.", _BATCH, "consumer")
        self.worker_seconds = self._histogram("worker_batch_seconds", "Time for a batch.", _FAST, "consumer")
        self.worker_messages = self._counter(
            "worker_messages", "Messages by what became of them.", "consumer", "outcome"
        )
        self.app_deliveries = self._counter(
            "app_deliveries", "Tries to tell the product, by what became of them.", "outcome"
        )
        self.effects = self._counter("effects", "Commands by what became of them.", "command", "outcome")
        self.effect_seconds = self._histogram("effect_seconds", "Time for an effect.", _SLOW, "command")

    def _count_trouble(self) -> None:
        self.dead_letters = self._counter(
            "dead_letters", "Messages dead-lettered, by where they failed.", "origin"
        )
        self.messages_newer = self._counter(
            "messages_newer", "Messages of a later release, each time one is put off.", "kind"
        )
        self.messages_forged = self._counter(
            "messages_forged", "Messages at the broker that our outbox does not hold.", "kind"
        )
        self.events_foreign = self._counter(
            "events_foreign", "Events of other products on the account, set aside by the worker.", "type"
        )
        self.broker_incidents = self._counter("broker_incidents", "Trouble with NATS.", "kind")
        self.mail_refusals = self._counter("mail_refusals", "Refusals of us by the mail server.", "reason")
        self.provider_refusals = self._counter(
            "provider_refusals", "Answers that refuse us, not the request.", "provider", "status"
        )
        self.provider_pauses = self._counter(
            "provider_pauses", "Pauses that a provider asked for.", "provider"
        )
        self.task_failures = self._counter("task_failures", "Background tasks that failed.", "task")

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"egpay_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"egpay_{name}", what, labels, buckets=buckets, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        """Gauge of a shared value: all processes sample the same thing, so the newest sample holds."""
        return Gauge(f"egpay_{name}", what, labels, registry=self.registry, multiprocess_mode="mostrecent")


def _describe_process(registry: CollectorRegistry) -> None:
    from prometheus_client import GCCollector, ProcessCollector

    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
