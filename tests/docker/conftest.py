"""Fixtures of the container tests: they need a Docker engine and run only on request."""

import os
import secrets
import subprocess
from collections.abc import Iterator

import pytest

from egpay_local import environment, paths
from egpay_local.compose import Compose, ComposeFailed
from egpay_local.tcp_ports import reserved


@pytest.fixture(scope="session")
def built() -> Compose:
    """Builds the images of this checkout, without what a developer has set up for compose."""
    alone = {"COMPOSE_ENV_FILES": os.devnull, "COMPOSE_FILE": "compose.yaml"}
    compose = Compose(paths.CHECKOUT, {**environment.inheritable(environment.inherited()), **alone})
    compose.run("--profile", "operator", "build")
    return compose


@pytest.fixture(scope="module")
def egpay(built: Compose) -> Iterator[Compose]:
    """Runs a system on ports of its own; nothing of it may be left when its block ends."""
    with reserved() as api, reserved() as sandbox:
        ports = {"EGPAY_API_PORT": str(api.number), "EGPAY_SANDBOX_PORT": str(sandbox.number)}
        env = {**built.env, **ports, "CHECKOUT_RATE_LIMIT": "0"}
        compose = Compose(built.checkout, env, f"egpay-{secrets.token_hex(4)}")
        try:
            start(compose)
            yield compose
        finally:
            compose.run("--profile", "operator", "down", "--volumes", "--remove-orphans")
        assert left_of(str(compose.project)) == ""


def start(compose: Compose) -> None:
    """Starts and waits until everything is healthy; fails with what prevents it."""
    try:
        compose.run("up", "--detach", "--wait")
    except ComposeFailed as failure:
        raise ComposeFailed(f"{failure}\n{compose.run('logs', '--no-color', '--tail=20')}") from failure


def left_of(project: str) -> str:
    """Lists containers, volumes and networks that still carry the name."""
    filtered = ("--quiet", "--filter", f"label=com.docker.compose.project={project}")
    commands = [
        ["docker", *kind, *filtered] for kind in (["ps", "--all"], ["volume", "ls"], ["network", "ls"])
    ]
    lists = (subprocess.run(command, capture_output=True, text=True, check=True) for command in commands)
    return "".join(listed.stdout for listed in lists)
