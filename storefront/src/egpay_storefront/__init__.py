"""Storefront: the files of a store in the browser, a reference client of the public API, in the folder `site`.

They are served as they are, without a build step: `success.html` under `/success`, `index.html` under `/`.
"""

import json
from collections.abc import Sequence

FOLDER = "site"
CONFIG = "config.js"


def config_script(*, payments: Sequence[str] = ("card",), sells_to: str = "consumers", api: str = "") -> str:
    """Settings as the pages read them: the text that a server sends as `config.js`, in place of the file."""
    values = {"API": api, "PAYMENTS": list(payments), "SELLS_TO": sells_to}
    return "".join(f"export const {name} = {json.dumps(value)};\n" for name, value in values.items())
