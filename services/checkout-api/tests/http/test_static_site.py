"""The storefront's files are served under clean paths, revalidated, and may load nothing from elsewhere."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from checkout_api.dependencies import Adapters
from checkout_api.http.static_site import check_installed, load_site, load_storefront
from checkout_api.settings import CheckoutApiSettings
from checkout_api.testing.running_app import alive, problem_of

HTML = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    (tmp_path / "index.html").write_text("<h1>Store</h1>")
    (tmp_path / "success.html").write_text("<h1>Thank you</h1>")
    (tmp_path / "store.js").write_text("export {};")
    (tmp_path / "images" / "sensor.svg").write_text("<svg/>")
    (tmp_path / ".secret.html").write_text("hidden")
    (tmp_path / "notes.md").write_text("not a kind that is served")
    return tmp_path


@pytest.fixture
async def shop(
    settings: CheckoutApiSettings, world: Adapters, folder: Path
) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        alive(settings, replace(world, site=load_site(folder))) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api.test") as client,
    ):
        yield client


async def test_a_browser_gets_the_store_and_a_program_the_api(shop: httpx.AsyncClient) -> None:
    page = await shop.get("/", headers=HTML)
    assert (page.text, page.headers["content-type"]) == ("<h1>Store</h1>", "text/html; charset=utf-8")
    entry = await shop.get("/", headers={"accept": "*/*"})
    assert entry.json()["documentation"] == "http://api.test/docs"
    assert page.headers["vary"] == entry.headers["vary"] == "accept"


async def test_without_a_storefront_a_browser_gets_the_api_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", headers=HTML)
    assert answer.json()["openapi"] == "http://api.test/openapi.json"
    assert problem_of(await client.get("/success")) == (404, "not-found")


async def test_a_page_has_no_ending_and_a_file_of_the_site_its_own(shop: httpx.AsyncClient) -> None:
    assert (await shop.get("/success?sale=sale_1")).text == "<h1>Thank you</h1>"
    assert (await shop.get("/store.js")).headers["content-type"] == "text/javascript; charset=utf-8"
    assert (await shop.get("/images/sensor.svg")).headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("/success/?sale=sale_1", "/success?sale=sale_1"),
        ("/success//", "/success"),
        ("/images/sensor.svg/", "/images/sensor.svg"),
    ],
)
async def test_an_address_with_a_slash_too_many_leads_to_that_without(
    shop: httpx.AsyncClient, typed: str, address: str
) -> None:
    """The links of a page are relative: below a folder of its own name they would lead nowhere."""
    answer = await shop.get(typed)
    assert answer.status_code == 308
    assert answer.url.join(answer.headers["location"]) == f"http://api.test{address}"


@pytest.mark.parametrize(
    "path",
    ["/success.html", "/index", "/.secret", "/.secret.html", "/notes.md", "/images", "/images/", "/images/../store.js",
     "/images/%2e%2e/store.js", "/%2e%2e/etc/passwd", "/store.js/x"],
)  # fmt: skip
async def test_nothing_else_is_served(shop: httpx.AsyncClient, path: str) -> None:
    answer = await shop.send(shop.build_request("GET", f"http://api.test{path}"))
    assert answer.status_code == 404 or answer.text == "export {};"  # what the client has resolved itself


async def test_a_page_is_asked_for_again_and_costs_nothing_while_it_is_the_same(
    shop: httpx.AsyncClient,
) -> None:
    page = await shop.get("/success")
    assert page.headers["cache-control"] == "no-cache"
    again = await shop.get("/success", headers={"if-none-match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    picture = await shop.get("/images/sensor.svg")
    assert picture.headers["cache-control"] == "public, max-age=3600"


async def test_a_page_may_run_only_its_own_scripts_and_tells_no_one_where_it_was(
    shop: httpx.AsyncClient,
) -> None:
    headers = (await shop.get("/success")).headers
    policy = headers["content-security-policy"].split("; ")
    assert policy[:2] == ["default-src 'none'", "script-src 'self'"]
    assert "frame-ancestors 'none'" in policy
    assert not any("unsafe" in part for part in policy)
    assert (headers["referrer-policy"], headers["x-content-type-options"]) == ("no-referrer", "nosniff")


def test_the_pages_are_told_the_settings_of_the_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "shop_files"
    (package / "site").mkdir(parents=True)
    (package / "site" / "config.js").write_text("of another host")
    (package / "__init__.py").write_text(
        "def config_script(*, sells_to):\n    return 'sells to ' + sells_to\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    site = load_storefront(sells_to="businesses", package="shop_files")
    assert site["/config.js"].body == b"sells to businesses"
    assert site["/config.js"].media_type == "text/javascript"


def test_a_store_that_is_not_installed_is_a_fault_of_the_settings() -> None:
    check_installed("off", "no_such_package")
    with pytest.raises(ValueError, match="not installed"):
        check_installed("on", "no_such_package")
