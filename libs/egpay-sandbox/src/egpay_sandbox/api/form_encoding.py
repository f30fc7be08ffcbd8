"""Form decoding: bracketed fields become nested values, `line_items[0][price]=p` as the SDK sends it."""

import re
from collections.abc import Iterable
from typing import Any

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")


def decode_form(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Decodes form pairs to a nested value: `a[b]` is a hash, `a[]` and `a[0]` are lists."""
    root: dict[str, Any] = {}
    for key, value in pairs:
        match = _KEY.match(key)
        path = [match[1], *_PART.findall(match[2])] if match else [key]
        _insert(root, path, value)
    return {key: _restore_lists(value) for key, value in root.items()}


def bracket_name(path: str) -> str:
    """Translates a JSON path such as `$.line_items[0].price` to Stripe's `line_items[0][price]`."""
    names = re.findall(r"\.([^.\[\]]+)|\[([^\[\]]+)\]", path)
    parts = [name or index for name, index in names]
    return parts[0] + "".join(f"[{part}]" for part in parts[1:]) if parts else ""


def _insert(root: dict[str, Any], path: list[str], value: str) -> None:
    node = root
    for part in path[:-1]:
        child = node.setdefault(part, {})
        if not isinstance(child, dict):
            child = node[part] = {}
        node = child
    last = path[-1] or str(len(node))
    node[last] = value


def _restore_lists(node: Any) -> Any:
    """Turns a hash whose keys count from zero back into a list."""
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [_restore_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _restore_lists(value) for key, value in node.items()}
