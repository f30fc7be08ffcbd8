"""Countries over HTTP: cached for an hour, asked again by their tag, and a problem for one that is not served."""

import httpx

from checkout_api.testing.running_app import problem_of


async def test_a_storefront_builds_the_form_of_the_chosen_country(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/countries/de")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["fields"][2] == {
        "name": "postal_code",
        "kind": "postal",
        "label": "Postal code",
        "required": True,
        "row": 2,
        "example": "26133",
    }


async def test_countries_are_cached_and_cost_nothing_while_they_are_the_same(
    client: httpx.AsyncClient,
) -> None:
    first = await client.get("/v1/countries")
    assert first.headers["cache-control"] == "public, max-age=3600"
    assert {"code": "IE"} in first.json()
    again = await client.get("/v1/countries", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


async def test_what_a_cache_keeps_for_one_origin_is_given_to_no_other(client: httpx.AsyncClient) -> None:
    for path in ("/v1/countries", "/v1/countries/IE"):
        assert (await client.get(path)).headers["vary"] == "origin"


async def test_a_country_that_is_not_served_is_not_there(client: httpx.AsyncClient) -> None:
    for code in ("zz", "x", "D%2FE", "%00"):
        assert problem_of(await client.get(f"/v1/countries/{code}")) == (404, "not-found")
