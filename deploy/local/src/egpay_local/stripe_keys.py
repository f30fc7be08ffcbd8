"""Stripe keys: test keys in the environment or `.env` select real Stripe; a live key is refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from egpay_local.generated_secrets import STRIPE_SANDBOX, GeneratedSecrets


class WrongKeys(Exception):
    """The Stripe variables do not fit a local system."""


@dataclass(frozen=True, slots=True)
class StripeKeys:
    """The services' keys; `api_base` is only set for the sandbox."""

    secret_key: str
    webhook_secrets: str
    api_base: str | None

    @property
    def newest_webhook_secret(self) -> str:
        return self.webhook_secrets.split(",")[0].strip()

    def as_environment(self) -> dict[str, str]:
        keys = {"STRIPE_SECRET_KEY": self.secret_key, "STRIPE_WEBHOOK_SECRETS": self.webhook_secrets}
        return keys if self.api_base is None else {**keys, "STRIPE_API_BASE": self.api_base}


def find_faults(given: Mapping[str, str]) -> dict[str, str]:
    """Returns what does not fit a local system: a key that is no test key, or one without its signing secret."""
    key = given.get("STRIPE_SECRET_KEY", "")
    if not key or key.startswith(STRIPE_SANDBOX):
        return {}
    if not key.startswith(("sk_test_", "rk_test_")):
        return {"STRIPE_SECRET_KEY": "is no test key (sk_test_... or rk_test_...); nothing was started"}
    if not given.get("STRIPE_WEBHOOK_SECRETS"):
        return {"STRIPE_WEBHOOK_SECRETS": "is missing beside the key (`stripe listen` prints one, whsec_...)"}
    return {}


def choose(given: Mapping[str, str], sandbox_url: str, generated: GeneratedSecrets) -> StripeKeys:
    """Chooses the keys, the sandbox's also when the shell still has one of an earlier `.egpay/env`."""
    key = given.get("STRIPE_SECRET_KEY", "")
    if not key or key.startswith(STRIPE_SANDBOX):
        return StripeKeys(generated.stripe_key, generated.stripe_webhook_secret, sandbox_url)
    if faults := find_faults(given):
        raise WrongKeys(". ".join(f"{name} {fault}" for name, fault in faults.items()))
    return StripeKeys(key, given["STRIPE_WEBHOOK_SECRETS"], None)
