"""Settings of the operator's command: each subcommand reads only what it needs."""

import msgspec

from egpay.settings import HttpUrl, Secret


class OperatorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator's command needs."""

    database_url: Secret
    """`postgresql://user:password@host:port/database`; a role that owns the schema, for `egpay migrate`."""
    nats_url: Secret | None = None
    """Needed by the commands that touch the broker."""
    checkout_api_db_password: Secret | None = None
    """For `egpay migrate`: the password that it gives checkout-api's role; none leaves the role as it is."""
    billing_worker_db_password: Secret | None = None
    """For `egpay migrate`: the password that it gives billing-worker's role; none leaves the role as it is."""


class StripeAccountSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator's command needs to set Stripe up."""

    stripe_secret_key: Secret
    """Stripe's API key, `sk_...` or `rk_...`."""
    stripe_api_base: HttpUrl | None = None
    """Only to point at the sandbox."""


class DoctorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What `egpay doctor` looks at; what is not given it leaves out, except the database."""

    database_url: Secret
    """`postgresql://user:password@host:port/database`."""
    nats_url: Secret | None = None
    """Needed to look at the broker."""
    stripe_secret_key: Secret | None = None
    """Needed to ask Stripe."""
    stripe_api_base: HttpUrl | None = None
    """Only to point at the sandbox."""
    public_url: HttpUrl | None = None
    """Where the outside reaches the API: its webhook endpoint is looked for at Stripe."""
