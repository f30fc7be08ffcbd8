"""Makes the secrets of a compose system at its first start, so that none stands in a file of the repository.

Every consumer has a folder (a volume) of its own and sees nothing else. What was made once stays until the volumes
go; Stripe's keys are those of the environment, or the sandbox's when it has none. A key that is no test key stops
everything: this system is for development.
"""

import base64
import hashlib
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

OWNER, OPERATOR, API, WORKER = "owner", "operator", "checkout-api", "billing-worker"
SANDBOX, NATS = "sandbox", "nats"
OF_A_SANDBOX = "sk_test_sandbox"
SANDBOX_URL = "http://sandbox:8020"
STRIPE_URL = "https://api.stripe.com"  # named, because an empty secret file stops the services


FOLDER_MODE, FILE_MODE = 0o750, 0o640
"""The owner and the one group under which this script runs, that of the images' account; nothing for others."""


class Secrets:
    """The files of one system below a folder; each is readable for its consumer's group and for no other account."""

    def __init__(self, home: Path) -> None:
        """Work below `home`, which has a folder for each consumer; tighten what an earlier release left readable."""
        self._home = home
        for folder in home.iterdir():
            _restrict(folder, FOLDER_MODE)
            for path in folder.iterdir():
                _restrict(path, FILE_MODE)

    def remembered(self, name: str, make: Callable[[], str]) -> str:
        """What an earlier start made, or a new one."""
        path = self._home / OWNER / name
        if not path.exists():
            self.give(name, make(), OWNER)
        return path.read_text()

    def give(self, name: str, value: str, *consumers: str) -> None:
        """Write it whole or not at all: a start that is interrupted leaves no half of a password."""
        for consumer in consumers:
            path = self._home / consumer / name
            draft = path.with_suffix(".new")
            draft.touch(mode=FILE_MODE)
            _restrict(draft, FILE_MODE)
            draft.write_text(value)
            draft.replace(path)


def _restrict(path: Path, mode: int) -> None:
    os.chown(path, -1, os.getegid())
    path.chmod(mode)


def write(home: Path, env: Mapping[str, str]) -> None:
    """Everything that the system needs, for whom it concerns."""
    kept = Secrets(home)
    logins = {
        OWNER: "egpay",
        OPERATOR: "egpay_operator",
        API: "egpay_checkout_api",
        WORKER: "egpay_billing_worker",
    }
    for consumer, login in logins.items():
        password = kept.remembered(f"{login}_password", lambda: secrets.token_urlsafe(24))
        name = "migrate_database_url" if consumer == OWNER else "database_url"
        kept.give(name, f"postgresql://{login}:{password}@postgres:5432/egpay", consumer)
    _broker(kept)
    warehouse = kept.remembered("warehouse_secret", _standard_webhooks_secret)
    kept.give("warehouse_secret", env.get("WAREHOUSE_SECRET") or warehouse, API, WORKER, SANDBOX)
    app = kept.remembered("app_webhook_secret", _standard_webhooks_secret)
    kept.give("app_webhook_secret", app, WORKER, SANDBOX)
    key = kept.remembered("api_key", lambda: f"egk_{secrets.token_urlsafe(32)}")
    kept.give("api_keys", f"local:{hashlib.sha256(key.encode()).hexdigest()}", API)
    _stripe(kept, env)


def _broker(kept: Secrets) -> None:
    """One login for each program; the server reads all passwords, a program its own URL."""
    logins = {
        "egpay_checkout_api": (API,),
        "egpay_billing_worker": (WORKER,),
        "egpay_operator": (OWNER, OPERATOR),  # `egpay migrate` declares the stream
        "egpay_product": (),
    }
    passwords = {
        login: kept.remembered(f"{login}_nats_password", lambda: secrets.token_urlsafe(24))
        for login in logins
    }
    lines = (f'{login.upper()}_NATS_PASSWORD: "{password}"\n' for login, password in passwords.items())
    kept.give("passwords.conf", "".join(lines), NATS)
    for login, consumers in logins.items():
        url = f"nats://{login}:{passwords[login]}@nats:4222"
        kept.give("nats_url" if consumers else "product_nats_url", url, *(consumers or (OWNER,)))


def _stripe(kept: Secrets, env: Mapping[str, str]) -> None:
    own_key = kept.remembered("sandbox_key", lambda: f"{OF_A_SANDBOX}{secrets.token_hex(12)}")
    own_secret = kept.remembered("sandbox_webhook_secret", lambda: f"whsec_{secrets.token_hex(24)}")
    key, webhook_secrets = env.get("STRIPE_SECRET_KEY", ""), env.get("STRIPE_WEBHOOK_SECRETS", "")
    if key.startswith(OF_A_SANDBOX):
        key = ""  # what `make up` put into a shell opens no other sandbox
    if key and not key.startswith(("sk_test_", "rk_test_")):
        sys.exit("STRIPE_SECRET_KEY is no test key (sk_test_... or rk_test_...); nothing was started.")
    if key and not webhook_secrets:
        sys.exit("STRIPE_SECRET_KEY needs STRIPE_WEBHOOK_SECRETS (`stripe listen` prints one, whsec_...).")
    kept.give("stripe_secret_key", key or own_key, OWNER, API, WORKER)
    kept.give("stripe_api_base", STRIPE_URL if key else SANDBOX_URL, OWNER, API, WORKER)
    kept.give("stripe_webhook_secrets", webhook_secrets if key else own_secret, API)
    kept.give("webhook_secret", own_secret, SANDBOX)


def _standard_webhooks_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


if __name__ == "__main__":
    write(Path(sys.argv[1]), os.environ)  # noqa: TID251 - it runs without our packages
