"""`billing-worker`: one process that follows the money, started from environment variables alone."""

import sys

from billing_worker.settings import BillingWorkerSettings
from egpay.settings import SettingsError, from_env


def main() -> None:
    """Serve until SIGTERM; exit 0 when all in hand is done, 2 when the configuration is not usable."""
    try:
        settings = from_env(BillingWorkerSettings)
    except SettingsError as fault:
        sys.stderr.write(f"billing-worker: {fault}\n")
        raise SystemExit(2) from None
    from egpay.runtime.serving import run

    raise SystemExit(
        run(
            "billing_worker.app:create",
            service="billing-worker",
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            log_level=settings.log_level,
            log_format=settings.log_format,
            trusted_proxies=",".join(settings.trusted_proxies) or None,
        )
    )
