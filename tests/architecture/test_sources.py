"""What a newcomer may rely on in every module that ships: it is short, says what it is for, and is named for it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BANNED_NAMES = {"utils", "helpers", "common", "base", "manager", "service", "misc"}
ONE_NAME_PER_FILE = ("billing_worker/reactions/",)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One source file as a reader meets it."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())


def _read() -> Iterator[Module]:
    for path in sorted(path for source in ROOT.glob("*/*/src") for path in source.rglob("*.py")):
        if "migrations/versions" not in path.as_posix():
            text = path.read_text()
            yield Module(path, text, ast.parse(text))


MODULES = list(_read())


def test_no_module_is_longer_than_200_lines() -> None:
    assert {module.name: module.lines for module in MODULES if module.lines > 200} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    long = {
        f"{module.name}:{node.lineno} {node.name}": lines
        for module in MODULES
        for node in ast.walk(module.tree)
        if isinstance(node, Function) and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > 40
    }
    assert long == {}


def test_no_module_is_named_for_nothing() -> None:
    names = {module.name: {*module.path.parent.parts, module.path.stem} for module in MODULES}
    assert [name for name, parts in names.items() if parts & BANNED_NAMES] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [module.name for module in MODULES if not ast.get_docstring(module.tree)] == []


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {module.path.parent for module in MODULES}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_docstrings_do_not_repeat_the_signature() -> None:
    ritual = re.compile(r"^\s*(Args|Arguments|Parameters|Returns|Raises|Yields):\s*$", re.MULTILINE)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [
        f"{module.name}:{getattr(node, 'lineno', 1)}"
        for module in MODULES
        for node in ast.walk(module.tree)
        if isinstance(node, documented) and ritual.search(ast.get_docstring(node) or "")
    ]
    assert found == []


def test_a_reaction_has_one_public_name_and_its_file_bears_it() -> None:
    wrong = {
        module.name: public
        for module in MODULES
        if any(folder in module.name for folder in ONE_NAME_PER_FILE) and module.path.stem != "__init__"
        if (public := _public_names(module)) != [module.path.stem]
    }
    assert wrong == {}


def _public_names(module: Module) -> list[str]:
    """Functions and classes; a class counts under the name its file would have (`ShipDevices` → `ship_devices`)."""
    defined = [node.name for node in module.tree.body if isinstance(node, Function | ast.ClassDef)]
    snake = (re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in defined if not name.startswith("_"))
    return sorted(set(snake))
