"""Takes the package installers out of a base image: what cannot install cannot be made to.

Run while an image is built, by the Python that the image keeps. pip, setuptools and wheel are found where this Python
imports them from, their commands where the shell finds them; `ensurepip` carries a copy of pip and goes as well.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

INSTALLERS = ("pip", "setuptools", "wheel", "ensurepip", "pkg_resources")


def _packages() -> Iterator[Path]:
    for folder in {Path(entry) for entry in sys.path if entry}:
        for name in INSTALLERS:
            yield from folder.glob(name)
            yield from folder.glob(f"{name}-*-info")


def _commands() -> Iterator[Path]:
    for folder in os.get_exec_path():
        for name in INSTALLERS:
            yield from Path(folder).glob(f"{name}*")


def main() -> None:
    """Delete them, and say what went."""
    for path in sorted({*_packages(), *_commands()}):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # /bin may be another name of /usr/bin
        sys.stdout.write(f"removed {path}\n")


if __name__ == "__main__":
    main()
