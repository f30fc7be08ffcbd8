"""Settings of the operator's command: each subcommand reads only what it needs."""

from typing import Annotated

import msgspec

from egpay import setting_checks
from egpay.settings import (
    BaseUrl,
    CertificateFile,
    DatabaseUrl,
    HttpUrl,
    NatsUrl,
    Secret,
    SettingsError,
    StripeKey,
)


class OperatorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator's command needs."""

    database_url: DatabaseUrl
    """`postgresql://user:password@host:port/database`; the login `egpay_operator` has the rights it takes."""


class OwnerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What `egpay migrate`, `egpay catalogue apply` and `off-sale` need: the login that owns the schema."""

    migrate_database_url: DatabaseUrl | None = None
    """`postgresql://user:password@host:port/database` of the owner; without it DATABASE_URL is taken for it."""
    database_url: DatabaseUrl | None = None
    """Only taken where MIGRATE_DATABASE_URL is absent."""
    nats_url: NatsUrl | None = None
    """For `egpay migrate`: the broker that it provisions."""
    nats_ca_file: CertificateFile | None = None
    """Path of the PEM certificates by which a broker with TLS is trusted; the machine's own unless given."""
    checkout_api_db_password: Secret | None = None
    """For `egpay migrate`: the password that it gives checkout-api's role; none leaves the role as it is."""
    billing_worker_db_password: Secret | None = None
    """For `egpay migrate`: the password that it gives billing-worker's role; none leaves the role as it is."""
    operator_db_password: Secret | None = None
    """For `egpay migrate`: the password that it gives the operator's role; none leaves the role as it is."""

    @property
    def owner_url(self) -> str:
        """The owner's URL; raises SettingsError when neither variable is given."""
        url = self.migrate_database_url or self.database_url
        if url is None:
            raise SettingsError("MIGRATE_DATABASE_URL: is missing, and so is DATABASE_URL")
        return url.reveal()


class StripeAccountSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator's command needs to set Stripe up."""

    stripe_secret_key: StripeKey
    """Stripe's API key, `sk_...` or `rk_...`."""
    stripe_api_base: BaseUrl | None = None
    """Only to point at the sandbox."""


class ReconcileSettings(OperatorSettings, frozen=True, kw_only=True):
    """What `egpay reconcile` needs: the database and Stripe, in one class so that all faults are named at once."""

    stripe_secret_key: StripeKey
    """Stripe's API key, `sk_...` or `rk_...`."""
    stripe_api_base: BaseUrl | None = None
    """Only to point at the sandbox."""


class DoctorSettings(OperatorSettings, frozen=True, kw_only=True):
    """What `egpay doctor` and replays look at; what is not given they leave out, except the database."""

    nats_url: NatsUrl | None = None
    """Needed to look at the broker."""
    nats_ca_file: CertificateFile | None = None
    """Path of the PEM certificates by which a broker with TLS is trusted; the machine's own unless given."""
    stripe_secret_key: StripeKey | None = None
    """Needed to ask Stripe."""
    stripe_api_base: BaseUrl | None = None
    """Only to point at the sandbox."""
    public_url: BaseUrl | None = None
    """Where the outside reaches the API: its webhook endpoint is looked for at Stripe."""
    app_webhook_url: HttpUrl | None = None
    """Where the product hears of organisations: news that it does not take is looked for."""
    countries: tuple[Annotated[str, setting_checks.country], ...] = ()
    """Countries that devices are sent to; a note says when the shop named none."""
    case_alarm_hours: Annotated[int, msgspec.Meta(ge=1, le=8760)] = 24
    """Hours that a case may wait for us before `egpay doctor` ends with 1."""
    seller_address: Annotated[str, setting_checks.words] | None = None
    """Postal address at the foot of every letter; a note says that nobody chose one."""
