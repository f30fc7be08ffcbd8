"""Invitation page: the storefront's target of an introduction's link; redeems it at checkout-api, once."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from litestar import Response, get, post

from egpay_sandbox.delivery.http_sender import tls_context
from egpay_sandbox.pages.page_rendering import render_page
from egpay_sandbox.request_values import SandboxRequest, sandbox_of

_SCRIPT = (files("egpay_sandbox.pages") / "static" / "invitation.js").read_text()
_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "invitation-used": (
        "This link was used",
        "The account is open. Sign in at the product; the link is not needed any more.",
    ),
    "invitation-expired": (
        "This link does not work, or not any more",
        "A link works once, for 14 days, and only the newest one does.",
    ),
    "validation": ("This is not a whole link", "Please open the link of the e-mail once more, or paste it."),
    "rate-limited": ("Too many tries", "Please wait a minute, then try again."),
}
_AWAY = ("Not now", "The shop does not answer. The link stays as it is: please try again in a minute.")


@get("/invitation", sync_to_thread=False)
def show_invitation() -> Response[str]:
    """Asks before it redeems, because mail scanners open links; the token stays in the browser, after the `#`."""
    return render_page("invitation.html", scripts=True, heading="Welcome", asks=True)


@get("/static/invitation.js", sync_to_thread=False)
def invitation_script() -> Response[str]:
    """Serves the script that moves the token from the address into the form."""
    return Response(_SCRIPT, media_type="text/javascript; charset=utf-8")


@post("/invitation", status_code=200)
async def use_invitation(request: SandboxRequest) -> Response[str]:
    """Redeems the posted token, or asks for a new e-mail; the token is in the body, never in an address."""
    form = parse_qs((await request.body()).decode(errors="replace"))
    token = form.get("token", [""])[0].strip().rpartition("token=")[2]
    verb = "renew" if form.get("action") == ["renew"] else "redeem"
    callback = urlsplit(sandbox_of(request).config.warehouse_callback)
    status, body = await _ask(f"{callback.scheme}://{callback.netloc}/v1/invitations/{verb}", token)
    if status == 202:
        return _told("A new e-mail", f"{body['detail']} Please look into your mailbox.")
    if status == 200:
        text = f"You are in: {body['organisation']} is open for {body['email']}."
        return _told("Welcome", text, app_url=str(body["app_url"]))
    word = str(body.get("type", "")).rpartition("/")[2]
    heading, text = _PROBLEMS.get(word, _AWAY)
    return _told(heading, text, status=status, renews=word == "invitation-expired", token=token)


async def _ask(url: str, token: str) -> tuple[int, dict[str, Any]]:
    """Posts a token to checkout-api; returns status and body, 503 when there is no answer."""
    try:
        async with httpx.AsyncClient(timeout=10, trust_env=False, verify=tls_context()) as client:
            answer = await client.post(url, json={"token": token})
        return answer.status_code, answer.json()
    except (httpx.HTTPError, ValueError):
        return 503, {}


def _told(
    heading: str, text: str, *, status: int = 200, app_url: str = "", renews: bool = False, token: str = ""
) -> Response[str]:
    return render_page(
        "invitation.html",
        status=status,
        heading=heading,
        text=text,
        app_url=app_url,
        renews=renews,
        token=token if renews else "",
        asks=False,
    )


HANDLERS = [show_invitation, invitation_script, use_invitation]
