"""The papers beside the code say what the code does: lock, README, `.env.example` and Makefile agree with it."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_lock_names_no_host_and_no_machine() -> None:
    lock = _text("requirements.lock")
    assert re.findall(r".*(?:://|file:|/home/|/root/|/Users/|--index|--find-links).*", lock) == []


def test_every_pin_of_the_lock_has_a_hash() -> None:
    blocks = re.split(r"\n(?=\S)", _text("requirements.lock").strip())
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_lock_pins_what_the_members_ask_for() -> None:
    pinned = set(re.findall(r"^([\w.-]+)==", _text("requirements.lock"), re.MULTILINE))
    own = {tomllib.loads(path.read_text())["project"]["name"] for path in _members()}
    wanted = {
        re.split(r"[\[<>=~! ;]", line)[0].lower() for path in _members() for line in _dependencies(path)
    }
    assert sorted(wanted - own - pinned) == []


def test_env_example_and_settings_name_the_same_variables() -> None:
    documented = re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", _text(".env.example"), re.MULTILINE)
    assert sorted(documented) == sorted(_settings())


def test_every_make_command_of_the_readme_exists() -> None:
    targets = re.findall(r"^([a-z-]+):", _text("Makefile"), re.MULTILINE)
    told = re.findall(r"(?:^|`)make ([a-z-]+)", _text("README.md"), re.MULTILINE)
    assert set(told) - set(targets) == set()
    assert {"up", "test"} <= set(told)


def test_the_workflow_runs_the_make_targets_of_the_ci_script() -> None:
    script = re.findall(r"^ *make ([a-z-]+)", _text(".ci/run"), re.MULTILINE)
    workflow = re.findall(r"^ *(?:- run: )?make ([a-z-]+)", _text(".github/workflows/ci.yml"), re.MULTILINE)
    assert workflow == script
    assert "check" in script


def _text(name: str) -> str:
    return (ROOT / name).read_text()


def _members() -> list[Path]:
    return [*ROOT.glob("*/pyproject.toml"), *ROOT.glob("*/*/pyproject.toml")]


def _dependencies(pyproject: Path) -> list[str]:
    declared: list[str] = tomllib.loads(pyproject.read_text())["project"].get("dependencies", [])
    return declared


def _settings() -> set[str]:
    """Every field of every settings class, as the variable it is read from."""
    modules = [ROOT / "libs/egpay-core/src/egpay/settings.py", *ROOT.glob("*/*/src/*/settings.py")]
    classes = [
        node
        for module in modules
        if "sandbox" not in module.relative_to(ROOT).as_posix()
        for node in ast.parse(module.read_text()).body
        if isinstance(node, ast.ClassDef)
    ]
    fields = (field.target for kind in classes for field in kind.body if isinstance(field, ast.AnnAssign))
    return {target.id.upper() for target in fields if isinstance(target, ast.Name)}
