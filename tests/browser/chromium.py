"""Chromium of the machine: the one that `EGPAY_CHROMIUM` names, or Debian's or Google's on the path."""

import os
import shutil
from importlib.util import find_spec

from egpay_local import environment

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """Its path, or None where there is none."""
    named = environment.inherited().get("EGPAY_CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def launch_flags() -> list[str]:
    """Chromium's own sandbox does not run as root."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def reason_left_out() -> str | None:
    """Why no test runs in a browser here, with what to do about it; None when they run."""
    if find_chromium() is None:
        return "no Chromium (EGPAY_CHROMIUM names one): the browser tests are left out; `make test-browser` runs them"
    if find_spec("playwright") is None:
        return "no Playwright: the browser tests are left out; `make test-browser` installs it and runs them"
    return None
