"""Numbers that tell whether the business flows: what comes in, what waits, what was done and what was set aside.

Labels are words from closed sets, never ids: a series per customer would drown Prometheus.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from egpay.telemetry.processes import shared_directory

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """All of egpay's series, on a registry of their own; made once, by the composition root.

    Alone, a process answers for itself, with its CPU, memory and garbage collector. Beside siblings (`workers` > 1)
    every one of them answers for all.
    """

    def __init__(self) -> None:
        """Register every series."""
        self.registry = own = CollectorRegistry()
        if shared_directory() is None:
            _describe_process(own)

        by: tuple[str, ...] = ("method", "route", "status")
        self.http_requests = Counter("egpay_http_requests", "Responses by route.", by, registry=own)
        by = ("method", "route")
        self.http_seconds = Histogram(
            "egpay_http_seconds", "Time to answer.", by, buckets=_FAST, registry=own
        )
        by = ("source", "type", "disposition")
        self.webhooks = Counter("egpay_webhooks", "Webhooks received.", by, registry=own)

        self.outbox_depth = _latest("egpay_outbox_messages", "Messages that wait for the broker.", own)
        self.outbox_age = _latest("egpay_outbox_oldest_seconds", "Age of the oldest of them.", own)
        self.relay_batch = Histogram(
            "egpay_relay_batch_messages", "Sent to the broker at once.", buckets=_BATCH, registry=own
        )

        by = ("consumer",)
        self.worker_batch = Histogram(
            "egpay_worker_batch_messages", "Worked on at once.", by, buckets=_BATCH, registry=own
        )
        self.worker_seconds = Histogram(
            "egpay_worker_batch_seconds", "Time for a batch.", by, buckets=_FAST, registry=own
        )
        self.consumer_lag = Gauge(
            "egpay_consumer_lag_messages",
            "Not acknowledged yet.",
            by,
            registry=own,
            multiprocess_mode="mostrecent",
        )
        by = ("consumer", "outcome")
        self.worker_messages = Counter(
            "egpay_worker_messages", "Messages by what became of them.", by, registry=own
        )
        by = ("command", "outcome")
        self.effects = Counter("egpay_effects", "Commands by what became of them.", by, registry=own)
        self.effect_seconds = Histogram(
            "egpay_effect_seconds", "Time for an effect.", ("command",), buckets=_SLOW, registry=own
        )
        self.dead_letters = Counter("egpay_dead_letters", "Messages set aside.", ("origin",), registry=own)

        self.broker_incidents = Counter(
            "egpay_broker_incidents", "Trouble with NATS.", ("kind",), registry=own
        )
        self.task_failures = Counter(
            "egpay_task_failures", "Background tasks that failed.", ("task",), registry=own
        )

    def render(self) -> bytes:
        """Prometheus text (`CONTENT_TYPE`), of all processes when they share a directory."""
        directory = shared_directory()
        if directory is None:
            return generate_latest(self.registry)
        from prometheus_client.multiprocess import MultiProcessCollector

        everybody = CollectorRegistry()
        MultiProcessCollector(everybody, path=directory)  # type: ignore[no-untyped-call]
        return generate_latest(everybody)


def _latest(name: str, what: str, registry: CollectorRegistry) -> Gauge:
    """A gauge of something that all processes see alike: the newest look at it holds."""
    return Gauge(name, what, registry=registry, multiprocess_mode="mostrecent")


def _describe_process(registry: CollectorRegistry) -> None:
    from prometheus_client import GCCollector, ProcessCollector

    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
