"""Other people's Python, each in a venv of its own that may be thrown away."""

import subprocess
import sys
from pathlib import Path

from bench.setting import FOLDER


def python_with(name: str, *packages: str) -> Path:
    """The interpreter of a venv with these packages, made on the first call."""
    home = FOLDER / "peers" / name
    interpreter, stamp = home / "bin" / "python", home / "packages"
    wanted = " ".join(packages)
    if not (stamp.exists() and stamp.read_text() == wanted):
        uv = Path(sys.executable).parent / "uv"
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, home], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", interpreter, *packages], check=True)
        stamp.write_text(wanted)
    return interpreter
