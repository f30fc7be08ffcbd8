"""Settings of the operator's command: each subcommand reads only what it needs."""

from typing import Annotated

import msgspec

from egpay import setting_checks
from egpay.adapters.smtp.letters import check_letters
from egpay.adapters.smtp.message import mailbox, recipient
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


class LetterSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What `egpay emails` words its previews with, as the worker does; samples of all that is not given."""

    mail_from: Annotated[str, mailbox] = "EG <hello@example.com>"
    """Sender of our e-mails."""
    storefront_url: BaseUrl = "https://shop.example"
    """Where the links of letters lead."""
    public_url: BaseUrl = "https://api.example"
    """Where the links of checkout-api lead."""
    seller_name: Annotated[str, setting_checks.words] | None = None
    """Who signs the letters."""
    seller_email: Annotated[str, recipient] | None = None
    """Where buyers write to."""
    seller_address: Annotated[str, setting_checks.words] | None = None
    """Postal address in one line."""
    withdrawal_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 14
    """Days after an order in which it can be withdrawn from."""
    email_language: Annotated[str, setting_checks.language] = "en"
    """Language of a letter where the order names none."""
    email_templates: Annotated[str, check_letters] | None = None
    """Folder of texts and layouts that override those in the box."""
    mails_off: tuple[str, ...] = ()
    """Kinds of letters that are not sent."""


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
