"""Start settings: what a start takes from `.env` and the environment, what it leaves out, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec

from egpay.settings import SettingsError, describe, find_faults, lookup
from egpay_local import dotenv_file, environment, private_files, stripe_keys, variables
from egpay_local.dotenv_file import MalformedDotenv
from egpay_local.generated_secrets import STRIPE_SANDBOX
from egpay_local.tcp_ports import LOOPBACK

NOT_TAKEN: Mapping[str, str] = {
    "DATABASE_URL": "`make up` starts a PostgreSQL of its own, with its data in .egpay",
    "MIGRATE_DATABASE_URL": "`make up` starts a PostgreSQL of its own, with its data in .egpay",
    "NATS_URL": "`make up` starts a NATS of its own",
    "NATS_CA_FILE": "the NATS of `make up` is on this machine and speaks no TLS",
    "HOST": f"everything listens on {LOOPBACK}, because the sandbox must not face a network",
    "STRIPE_API_BASE": "test keys lead to Stripe itself, and without them the sandbox is Stripe",
    "COMPOSE_FILE": "only `docker compose` reads it",
}
"""What a start does not take, with its reason."""
SHARED = (
    "PUBLIC_URL",
    "STOREFRONT_URL",
    "CORS_ORIGINS",
    "SMTP_URL",
    "MAIL_FROM",
    "SELLER_ADDRESS",
    "WAREHOUSE_URL",
    "APP_WEBHOOK_URL",
)
"""What a start decides itself unless it is given, for the services and for the operator."""
OPERATORS = ("CASE_ALARM_HOURS", "COUNTRIES")
"""What the operator's command reads too, from `.egpay/env`, where it is given."""
_MADE_HERE = (
    *SHARED,
    *("DATABASE_URL", "NATS_URL", "WAREHOUSE_SECRET", "STRIPE_API_BASE", "APP_WEBHOOK_SECRET", "API_KEYS"),
)
_MARKS = frozenset({"SANDBOX_URL", "API_URL", "API_KEY"})
"""In an environment they say that `.egpay/env` was sourced there: no program reads them."""
_Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """Ports that a person prefers; 0 takes any free one."""

    egpay_api_port: _Port | None = None
    egpay_sandbox_port: _Port | None = None


@dataclass(frozen=True, slots=True)
class StartSettings:
    """What the environment and `.env` say to a start."""

    taken: Mapping[str, str]
    machine: Mapping[str, str]
    """What every program inherits: nothing that egpay reads, so that each gets only its own."""
    notices: tuple[str, ...]
    """A line for each variable that is given and not taken, with the reason, and for what a person should mend."""

    def of(self, program: str) -> dict[str, str]:
        """Returns what one program reads; its address and port are the launcher's."""
        wanted = variables.names(variables.PROGRAMS[program]) - {"PORT"}
        return {name: text for name, text in self.taken.items() if name in wanted}

    def port(self, *names: str, default: int) -> int | None:
        """Returns the port that the first of these variables prefers; None is any free one."""
        return next((int(self.taken[name]) for name in names if name in self.taken), default) or None


def load(checkout: Path, inherited: Mapping[str, str]) -> StartSettings:
    """Reads `.env` below the environment, which wins; raises SettingsError that names every fault at once."""
    faults: dict[str, str] = {}
    try:
        written = dotenv_file.read(checkout / ".env")
    except MalformedDotenv as fault:
        written, faults[".env"] = {}, str(fault)
    left = _left_by_an_earlier_start(inherited)
    stays = {name: text for name, text in inherited.items() if name not in left}
    merged = {**{name: text for name, text in written.items() if f"{name}_FILE" not in stays}, **stays}
    given = _resolved(merged, faults)
    taken = {name: text for name, text in given.items() if name not in _not_taken(given)}
    faults |= _malformed(taken)
    if faults:
        raise SettingsError(describe(faults))
    notices = (*_open_to_others(checkout / ".env"), *_notices(given, left))
    return StartSettings(taken, environment.inheritable(merged), notices)


def _resolved(merged: Mapping[str, str], faults: dict[str, str]) -> dict[str, str]:
    """Returns each variable that is given, from its file where it has one and is taken."""
    given = {name: merged.get(name) or merged.get(f"{name}_FILE", "") for name in NOT_TAKEN}
    for name in (variables.ALL | variables.names(Preferences)) - NOT_TAKEN.keys():
        try:
            given[name] = lookup(name, merged)
        except OSError as fault:
            faults[name] = f"its file cannot be read ({fault.strerror})"
        except ValueError as fault:
            faults[name] = str(fault)
    return {name: text for name, text in sorted(given.items()) if text}


def _malformed(taken: Mapping[str, str]) -> dict[str, str]:
    kinds: tuple[type[msgspec.Struct], ...] = (*variables.PROGRAMS.values(), Preferences)
    found = {name: fault for kind in kinds for name, fault in find_faults(kind, taken).items()}
    found = {name: fault for name, fault in found.items() if name in taken}
    for place, secret in (("WAREHOUSE_URL", "WAREHOUSE_SECRET"), ("APP_WEBHOOK_URL", "APP_WEBHOOK_SECRET")):
        if place in taken and secret not in taken:
            found[secret] = f"is missing beside {place}"
    return {**stripe_keys.find_faults(taken), **found}


def _not_taken(given: Mapping[str, str]) -> dict[str, str]:
    reasons = {name: NOT_TAKEN[name] for name in given if name in NOT_TAKEN}
    if given.get("HOST") == LOOPBACK:
        reasons.pop("HOST")
    if given.get("STRIPE_SECRET_KEY", "").startswith(STRIPE_SANDBOX):
        reasons |= dict.fromkeys(
            given.keys() & {"STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRETS"}, "it is that of an earlier sandbox"
        )
    elif "STRIPE_SECRET_KEY" not in given and "STRIPE_WEBHOOK_SECRETS" in given:
        reasons["STRIPE_WEBHOOK_SECRETS"] = "without STRIPE_SECRET_KEY the sandbox is Stripe, with its own"
    return reasons


def _left_by_an_earlier_start(inherited: Mapping[str, str]) -> frozenset[str]:
    """What `.egpay/env` put into this shell: addresses and keys of a start that may be gone."""
    left = set(_MADE_HERE) | _MARKS if _MARKS & inherited.keys() else set()
    if inherited.get("STRIPE_SECRET_KEY", "").startswith(STRIPE_SANDBOX):
        left |= {"STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRETS", "STRIPE_API_BASE"}
    return frozenset(name for name in left if inherited.get(name))


def _open_to_others(file: Path) -> tuple[str, ...]:
    """The file is a person's own, so that a start tells and does not change its mode."""
    told = f"{file.name} is open to other users of this machine: `chmod 600 {file.name}`"
    return (told,) if private_files.is_open_to_others(file) else ()


def _notices(given: Mapping[str, str], left: frozenset[str]) -> tuple[str, ...]:
    lines = [f"{name} is not used: {reason}" for name, reason in _not_taken(given).items()]
    if names := sorted(left - _MARKS):
        lines.append(f"left in this shell by an earlier `. .egpay/env` and not used: {', '.join(names)}")
    return tuple(lines)
