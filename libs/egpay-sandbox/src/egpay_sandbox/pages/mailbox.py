"""Mailbox pages: show mail safely."""

import re

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from egpay_sandbox.mailbox.messages import MailboxMessage
from egpay_sandbox.pages.object_owners import ObjectOwner, OwnerIndex
from egpay_sandbox.pages.page_rendering import render_not_found, render_page
from egpay_sandbox.request_values import SandboxRequest, sandbox_of

_FRAME = "sandbox allow-popups allow-popups-to-escape-sandbox"
"""What the frame of a letter may do: open its links in a new tab, which is a page like any other."""
_HEAD = '<base target="_blank"><link rel="icon" href="data:,">'
"""Leads the letter's links out of its frame, which shows nothing but letters, and asks for no icon."""
_SALE = re.compile(r"\bsale_\w+")


@get("/mailbox")
async def mailbox(request: SandboxRequest, to: FromQuery[str | None] = None) -> Response[str]:
    """Lists all messages, newest first, with the sale each is about."""
    sandbox = sandbox_of(request)
    owners = OwnerIndex(sandbox.account)
    mails = [(mail, _owner(owners, mail)) for mail in sandbox.mailbox.messages(to)]
    return render_page("mailbox.html", here="/mailbox", mails=mails, to=to)


@get("/mailbox/{mail_id:str}")
async def mail(request: SandboxRequest, mail_id: FromPath[str]) -> Response[str]:
    """Shows one message; its HTML part is in a sandboxed frame, whose links open in a new tab."""
    sandbox = sandbox_of(request)
    found = sandbox.mailbox.message(mail_id)
    if found is None:
        return render_not_found("There is no such letter.")
    owner = _owner(OwnerIndex(sandbox.account), found)
    return render_page("mail.html", here="/mailbox", mail=found, owner=owner)


@get("/mailbox/{mail_id:str}/html")
async def mail_html(request: SandboxRequest, mail_id: FromPath[str]) -> Response[str]:
    """Shows the HTML part alone, without scripts or anything loaded from elsewhere."""
    found = sandbox_of(request).mailbox.message(mail_id)
    policy = f"{_FRAME}; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
    return Response(
        _with_head(found.html) if found else "",
        status_code=200 if found else 404,
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"},
    )


def _owner(owners: OwnerIndex, mail: MailboxMessage) -> ObjectOwner:
    """The owner of the first sale that the letter names."""
    found = _SALE.search(f"{mail.headers.get('X-Sale', '')} {mail.message_id} {mail.text}")
    return owners.of_sale(found[0]) if found else ObjectOwner()


def _with_head(html: str) -> str:
    """Adds what a letter needs in a browser to its head, or before a letter that has none."""
    head = re.search(r"<head[^>]*>", html, re.IGNORECASE)
    return f"{html[: head.end()]}{_HEAD}{html[head.end() :]}" if head else f"{_HEAD}{html}"


HANDLERS = [mailbox, mail, mail_html]
