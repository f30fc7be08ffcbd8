"""`egpay-sandbox`: the whole world outside egpay with one command, gone without a trace on Ctrl-C."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from egpay_sandbox.config import Config
from egpay_sandbox.server import serve
from egpay_sandbox.signing_secrets import MalformedSecrets, from_environment

SECRETS = (
    "Signing secrets come from the environment, SANDBOX_WEBHOOK_SECRET (Stripe's events), "
    "SANDBOX_WAREHOUSE_SECRET and SANDBOX_APP_SECRET (whsec_<base64>), or from files, SANDBOX_..._SECRET_FILE: every "
    "account of a machine may read a command line."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs until SIGTERM or SIGINT; 0 is a clean stop, 2 a malformed argument or secret."""
    options = vars(_parser().parse_args(argv))
    environment = os.environ  # noqa: TID251 - it runs without egpay's settings
    try:
        secrets = from_environment(environment)
    except MalformedSecrets as faults:
        sys.stderr.write(f"egpay-sandbox: {faults}\n")
        return 2
    serve(Config(**options, **secrets))
    return 0


def _parser() -> argparse.ArgumentParser:
    normal = Config()
    parser = argparse.ArgumentParser(
        prog="egpay-sandbox",
        description=__doc__,
        epilog=SECRETS,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default=normal.host, help="address to listen on")
    add("--port", type=int, default=normal.port, help="HTTP port")
    add("--smtp-host", default=normal.smtp_host, help="address that takes mail")
    add("--smtp-port", type=int, default=normal.smtp_port, help="port that takes mail")
    add("--public-url", type=_url, default=normal.public_url, help="where browsers find this sandbox")
    add("--data", type=Path, default=None, help="directory to remember everything in")
    add("--webhook-url", default=normal.webhook_url, help="where Stripe's events go")
    add("--warehouse-callback", default=normal.warehouse_callback, help="where the warehouse reports")
    add("--retry-base", type=float, default=normal.retry_base, help="seconds before the first retry")
    add("--retry-longest", type=float, default=normal.retry_longest, help="seconds between retries at most")
    add(
        "--delivery-timeout",
        type=float,
        default=normal.delivery_timeout,
        help="seconds to wait for an answer",
    )
    add("--delivery-limit", type=int, default=normal.delivery_limit, help="deliveries under way at once")
    add("--checkout-wait", type=float, default=normal.checkout_wait, help="seconds Pay waits for our answer")
    add("--aftermath-delay", type=float, default=normal.aftermath_delay, help="seconds until late events")
    add("--shipping-delay", type=float, default=normal.shipping_delay, help="seconds until a parcel leaves")
    add("--seed", type=int, default=None, help="seed of delivery chaos")
    return parser


def _url(text: str) -> str:
    return text.rstrip("/")
