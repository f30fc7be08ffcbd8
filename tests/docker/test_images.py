"""What is shipped runs alone, with few rights, and holds nothing that does not belong into production."""

import json
import subprocess
from typing import Any

import pytest

from egpay_local.compose import Compose

PRODUCTION = ("checkout-api", "billing-worker", "cli")
ALL = (*PRODUCTION, "sandbox")
BASE_LIMIT = 250_000_000 - 125_000_000
"""Bytes that may come on top of python:3.13-slim, which unpacks to somewhat less than 125 MB."""


def docker(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = ["docker", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def inspected(image: str) -> dict[str, Any]:
    return dict(json.loads(docker("image", "inspect", image).stdout)[0])


def asked(image: str, *command: str) -> str:
    """What a program inside the image answers, without a network and without a place to write."""
    program, *arguments = command
    strict = ("--network=none", "--read-only", "--cap-drop=ALL")
    done = docker("run", "--rm", *strict, "--entrypoint", program, f"egpay/{image}:local", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("image", ALL)
def test_an_image_runs_as_nobody_in_particular_on_python_3_13(built: Compose, image: str) -> None:
    told = asked(
        image, "python", "-c", "import os, sys; print(os.getuid(), os.getgid(), sys.version_info[:2])"
    )
    assert told == "10001 10001 (3, 13)"


@pytest.mark.parametrize("image", ALL)
def test_nothing_in_an_image_can_install_or_compile(built: Compose, image: str) -> None:
    find = "for tool in pip pip3 uv uvx easy_install gcc cc make; do command -v $tool; done; exit 0"
    assert asked(image, "sh", "-c", find) == ""
    assert importable(image, "pip", "setuptools", "wheel", "uv", "ensurepip") == []


@pytest.mark.parametrize("image", PRODUCTION)
def test_a_production_image_holds_no_stand_ins_and_no_test_code(built: Compose, image: str) -> None:
    assert (
        importable(image, "egpay_sandbox", "egpay_local", "egpay.testing", "pytest", "mypy", "aiosmtpd") == []
    )
    assert importable(image, "egpay") == ["egpay"]


def test_the_store_is_in_the_image_that_serves_it_and_in_no_other(built: Compose) -> None:
    holding = [image for image in ALL if importable(image, "egpay_storefront")]
    assert holding == ["checkout-api"]


def importable(image: str, *names: str) -> list[str]:
    search = (
        f"from importlib.util import find_spec; print([n for n in {names!r} if "
        "(n.count('.') == 0 or find_spec(n.split('.')[0])) and find_spec(n)])"
    )
    found: list[str] = json.loads(asked(image, "python", "-c", search).replace("'", '"'))
    return found


@pytest.mark.parametrize("image", ["checkout-api", "billing-worker"])
def test_a_service_that_is_not_configured_names_all_that_is_missing(built: Compose, image: str) -> None:
    done = docker("run", "--rm", f"egpay/{image}:local")
    assert done.returncode == 2
    for name in ("DATABASE_URL", "NATS_URL", "STRIPE_SECRET_KEY", "WAREHOUSE_SECRET"):
        assert f"{name}: is missing" in done.stderr


@pytest.mark.parametrize("image", ALL)
def test_an_image_says_what_it_is_and_starts_its_program_directly(built: Compose, image: str) -> None:
    config = inspected(f"egpay/{image}:local")["Config"]
    labels = config["Labels"]
    for label in ("title", "description", "version", "revision", "base.name"):
        assert labels[f"org.opencontainers.image.{label}"]
    assert config["User"] == "10001:10001"
    assert config["Entrypoint"] in (["checkout-api"], ["billing-worker"], ["egpay"], ["egpay-sandbox"])


def test_no_image_keeps_a_secret_or_a_setting_of_the_machine_that_built_it(built: Compose) -> None:
    names = {"PATH", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    of_the_base = {setting.split("=")[0] for setting in inspected("python:3.13-slim")["Config"]["Env"]}
    for image in ALL:
        settings = {setting.split("=")[0] for setting in inspected(f"egpay/{image}:local")["Config"]["Env"]}
        assert settings - names - of_the_base - {"HOST", "PORT"} == set()


def test_checkout_api_stays_under_250_mb(built: Compose) -> None:
    sizes = {image: inspected(image)["Size"] for image in ("egpay/checkout-api:local", "python:3.13-slim")}
    assert sizes["egpay/checkout-api:local"] - sizes["python:3.13-slim"] < BASE_LIMIT
