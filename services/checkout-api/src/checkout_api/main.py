"""`checkout-api`: start the service from the environment, or say everything that is wrong with it and stop."""

import sys

from checkout_api.settings import CheckoutApiSettings
from egpay.settings import SettingsError, from_env


def main() -> None:
    """Serve until SIGTERM or Ctrl-C. Exits 2 when the configuration is not usable, else as the server says."""
    try:
        settings = from_env(CheckoutApiSettings)
    except SettingsError as faults:
        sys.stderr.write(f"checkout-api: {faults}\n")
        sys.exit(2)
    from egpay.runtime.serving import run

    sys.exit(
        run(
            "checkout_api.app:create",
            service="checkout-api",
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            log_level=settings.log_level,
            log_format=settings.log_format,
            trusted_proxies=",".join(settings.trusted_proxies) or None,
        )
    )
