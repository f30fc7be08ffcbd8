"""App webhook wiring: the tasks that deliver news to the product, where it has an endpoint."""

from collections.abc import Mapping

from billing_worker.jobs.app_deliveries import AppDeliveryJob
from billing_worker.settings import BillingWorkerSettings
from egpay.adapters.app_webhook.endpoint import StandardWebhooksEndpoint
from egpay.adapters.postgres.app_deliveries import PostgresAppDeliveries
from egpay.adapters.postgres.connection.pool import Pool
from egpay.adapters.system.clock import utc_now
from egpay.runtime.supervisor import Work
from egpay.telemetry.gauges import sample_app_deliveries
from egpay.telemetry.metrics import Metrics


def app_delivery_tasks(settings: BillingWorkerSettings, pool: Pool, metrics: Metrics) -> Mapping[str, Work]:
    """Delivery and its gauges; nothing without an endpoint, so that news only waits."""
    url = settings.app_webhook_url
    if url is None:
        return {}
    deliveries, secrets = PostgresAppDeliveries(pool), [one.reveal() for one in settings.app_webhook_secret]

    async def deliver() -> None:
        endpoint = StandardWebhooksEndpoint.connect(url=url, secrets=secrets, clock=utc_now)
        job = AppDeliveryJob(
            deliveries, endpoint, on_outcome=lambda outcome: metrics.app_deliveries.labels(outcome).inc()
        )
        try:
            await job.run()
        finally:
            await endpoint.aclose()

    return {
        "app deliveries": deliver,
        "app delivery gauges": lambda: sample_app_deliveries(deliveries.backlog, metrics),
    }
