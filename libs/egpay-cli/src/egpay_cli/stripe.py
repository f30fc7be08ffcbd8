"""Stripe command: creates or updates our webhook endpoint, with our event types and API version."""

from typing import Annotated

import typer

from egpay_cli.options import AsJson
from egpay_cli.running import run, say, say_json

app = typer.Typer(no_args_is_help=True, help="Stripe's side of the connection.")
endpoint = typer.Typer(no_args_is_help=True, help="The webhook endpoint at Stripe.")
app.add_typer(endpoint, name="webhook-endpoint")


@endpoint.callback()
def endpoints() -> None:
    """Look after the webhook endpoint."""


@endpoint.command()
def apply(
    url: Annotated[str, typer.Option(help="The public address of POST /webhooks/stripe.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Create the endpoint at Stripe, or bring an existing one for this address up to date.

    A new endpoint's signing secret is printed once: put it first into STRIPE_WEBHOOK_SECRETS.
    """
    done = run(lambda: _apply(url))
    if as_json:
        say_json({"done": done})
    else:
        say(done)


async def _apply(url: str) -> str:
    from egpay.adapters.stripe.outbound.webhook_endpoint import apply_endpoint
    from egpay.settings import from_env
    from egpay_cli.settings import StripeAccountSettings

    account = from_env(StripeAccountSettings)
    return await apply_endpoint(
        url, secret_key=account.stripe_secret_key.reveal(), api_base=account.stripe_api_base
    )
