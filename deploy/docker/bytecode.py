"""Writes the bytecode of what a service imports, and of nothing else: it starts fast, and the image stays small.

python bytecode.py checkout_api egpay stripe   imports all of our packages and the one module of a foreign package

Run while an image is built, with PYTHONPYCACHEPREFIX set to the folder that is then shipped. It holds the standard
library's modules as well: the official base image comes without their bytecode.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

OURS = Path("/opt/egpay")


def _within(package: ModuleType) -> Iterator[str]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations." not in found.name and not found.name.endswith("__main__"):
            yield found.name


def main() -> None:
    """Import, which is what writes bytecode; a module that cannot be imported fails the build."""
    sys.dont_write_bytecode = False
    for name in sys.argv[1:]:
        module = importlib.import_module(name)
        if module.__file__ and OURS in Path(module.__file__).parents:
            for inner in _within(module):
                importlib.import_module(inner)


if __name__ == "__main__":
    main()
