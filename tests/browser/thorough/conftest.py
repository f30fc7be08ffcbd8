"""Second system: the store on a host of its own, at another origin."""

import functools
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from egpay_system import EgpaySystem, running_system
from visitor import SITE

import egpay_storefront
from egpay_local import backing as backings
from egpay_local.backing.databases import Databases


class CleanPathHandler(SimpleHTTPRequestHandler):
    """Static host: `success.html` under `/success`, as hosts of static sites serve it."""

    def translate_path(self, path: str) -> str:
        found = Path(super().translate_path(path))
        return str(found if found.exists() else found.with_suffix(".html"))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  named by the standard library
        """Says nothing: a test's output is its own."""


@pytest.fixture(scope="session")
def static_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Serves a copy of the store's files; returns their folder and the origin."""
    folder = tmp_path_factory.mktemp("static") / "site"
    shutil.copytree(SITE, folder)
    handler = functools.partial(CleanPathHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def other_egpay(
    databases: Databases,
    backing: backings.Backing,
    static_host: tuple[Path, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[EgpaySystem]:
    """Runs egpay without pages: the store's origin is all that it is told of them."""
    site, origin = static_host
    folder = tmp_path_factory.mktemp("other")
    settings = {
        "STOREFRONT": "off",
        "STOREFRONT_URL": origin,
        "CORS_ORIGINS": origin,
    }
    with (
        databases.fresh() as database_url,
        backing.clean_nats(folder / "nats") as nats_url,
        running_system(database_url, nats_url, folder, **settings) as system,
    ):
        script = egpay_storefront.config_script(api=system.api)
        (site / egpay_storefront.CONFIG).write_text(script, encoding="utf-8")
        yield system
