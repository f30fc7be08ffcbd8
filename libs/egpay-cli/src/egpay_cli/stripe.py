"""Set Stripe up to tell us everything we listen to, in the API version we have read."""

from typing import Annotated

import typer

from egpay_cli.running import run, say

app = typer.Typer(no_args_is_help=True, help="Stripe's side of the connection.")
endpoint = typer.Typer(no_args_is_help=True, help="The webhook endpoint at Stripe.")
app.add_typer(endpoint, name="webhook-endpoint")


@endpoint.callback()
def endpoints() -> None:
    """Look after the webhook endpoint."""


@endpoint.command()
def apply(url: Annotated[str, typer.Option(help="The public address of POST /webhooks/stripe.")]) -> None:
    """Create the endpoint at Stripe, or bring an existing one for this address up to date.

    A new endpoint's signing secret is printed once: put it first into STRIPE_WEBHOOK_SECRETS.
    """
    say(run(lambda: _apply(url)))


async def _apply(url: str) -> str:
    from egpay.adapters.stripe.endpoint import apply_endpoint
    from egpay.settings import StripeAccount, from_env

    account = from_env(StripeAccount)
    return await apply_endpoint(
        url, secret_key=account.stripe_secret_key.reveal(), api_base=account.stripe_api_base
    )
