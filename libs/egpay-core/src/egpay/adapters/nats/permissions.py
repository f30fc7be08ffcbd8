"""Broker logins: least rights of each program, derived from the topology, as nats-server's configuration.

`python -m egpay.adapters.nats.permissions > deploy/nats/users.conf` writes the file that every start of a server
includes; a test compares the two. Its passwords are variables, set by a file `secrets/passwords.conf` beside it.
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from egpay.adapters.nats.topology import (
    ADVISORIES,
    BILLING_WORKER,
    CHECKOUT_API,
    CONSUMERS,
    GIVEN_UP,
    PRODUCT,
    PUBLIC_CONSUMER,
    PUBLISHERS,
    STREAM,
    ConsumerSpec,
    durable_consumers,
)

_API = "$JS.API"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One user of the broker: the subjects it may publish, and the inboxes on which it is answered.

    An inbox prefix of its own, so that no login can listen to what another is answered.
    """

    user: str
    inbox_prefix: bytes
    publish: tuple[str, ...]

    @property
    def subscribe(self) -> tuple[str, ...]:
        """The subjects it may subscribe to: only answers, because every consumer is pulled."""
        return (f"{self.inbox_prefix.decode()}.>",)

    @property
    def password_variable(self) -> str:
        """The variable of the configuration that holds its password."""
        return f"{self.user.upper()}_NATS_PASSWORD"


def _published_by(service: str) -> tuple[str, ...]:
    return tuple(
        f"{subject.rstrip('*>')}>" for subject, services in PUBLISHERS.items() if service in services
    )


_TAKES = ("$JS.API.CONSUMER.MSG.NEXT.{}.{}", "$JS.ACK.{}.{}.>")
_LOOKS_AND_TAKES = ("$JS.API.CONSUMER.INFO.{}.{}", *_TAKES)


def _pulls(
    stream: str, specs: Iterable[ConsumerSpec], service: str, *, asks: Iterable[str] = _LOOKS_AND_TAKES
) -> tuple[str, ...]:
    names = [spec.name for spec in specs if spec.pulled_by == service]
    return tuple(subject.format(stream, name) for name in names for subject in asks)


def _declares() -> tuple[str, ...]:
    streams = tuple(f"{_API}.STREAM.{verb}.{name}" for name in (STREAM, ADVISORIES) for verb in _STREAM_VERBS)
    durable = [(stream, config.name) for stream, config in durable_consumers()]
    return streams + tuple(
        f"{_API}.CONSUMER.{verb}.{stream}.{name}" for stream, name in durable for verb in _CONSUMER_VERBS
    )


_STREAM_VERBS = ("INFO", "CREATE", "UPDATE")
_CONSUMER_VERBS = ("INFO", "CREATE")

CHECKOUT_API_LOGIN = Login(
    user="egpay_checkout_api", inbox_prefix=b"_INBOX_api", publish=_published_by(CHECKOUT_API)
)
BILLING_WORKER_LOGIN = Login(
    user="egpay_billing_worker",
    inbox_prefix=b"_INBOX_wrk",
    publish=(
        *_published_by(BILLING_WORKER),
        *_pulls(STREAM, CONSUMERS, BILLING_WORKER),
        *_pulls(ADVISORIES, (GIVEN_UP,), BILLING_WORKER, asks=_TAKES),
        f"{_API}.STREAM.MSG.GET.{STREAM}",
    ),
)
OPERATOR = Login(user="egpay_operator", inbox_prefix=b"_INBOX_opr", publish=_declares())
"""Of `egpay migrate` and `egpay doctor`: it declares and looks, and publishes no message."""
PRODUCT_LOGIN = Login(
    user="egpay_product", inbox_prefix=b"_INBOX_app", publish=_pulls(STREAM, (PUBLIC_CONSUMER,), PRODUCT)
)
"""Of the product: it reads `billing.public.>` through its own consumer, and nothing else."""
LOGINS = (CHECKOUT_API_LOGIN, BILLING_WORKER_LOGIN, OPERATOR, PRODUCT_LOGIN)


def users_conf(logins: Iterable[Login] = LOGINS) -> str:
    """The configuration of the logins, for nats-server's `include`."""
    users = "".join(
        f"    {{\n"
        f"      user: {json.dumps(login.user)}, password: ${login.password_variable}\n"
        f"      permissions: {{\n"
        f"        publish: {{allow: {_list(login.publish)}}}\n"
        f"        subscribe: {{allow: {_list(login.subscribe)}}}\n"
        f"      }}\n"
        f"    }}\n"
        for login in logins
    )
    return f"{_HEAD}authorization {{\n  users: [\n{users}  ]\n}}\n"


_HEAD = """\
# Written by `python -m egpay.adapters.nats.permissions`, from the table of consumers and subjects: change it there.
include "secrets/passwords.conf"
"""


def _list(subjects: Iterable[str]) -> str:
    lines = "".join(f"\n          {json.dumps(subject)}" for subject in subjects)
    return f"[{lines}\n        ]"


if __name__ == "__main__":
    sys.stdout.write(users_conf())
