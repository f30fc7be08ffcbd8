"""Mailbox pages: show mail safely."""

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from egpay_sandbox.pages.page_rendering import render_page
from egpay_sandbox.request_values import SandboxRequest, sandbox_of

_FRAME = "sandbox allow-popups allow-popups-to-escape-sandbox"
"""What the frame of a letter may do: open its links in a new tab, which is a page like any other."""


@get("/mailbox")
async def mailbox(request: SandboxRequest, to: FromQuery[str | None] = None) -> Response[str]:
    """Lists all messages, newest first."""
    return render_page("mailbox.html", mails=sandbox_of(request).mailbox.messages(to), to=to)


@get("/mailbox/{mail_id:str}")
async def mail(request: SandboxRequest, mail_id: FromPath[str]) -> Response[str]:
    """Shows one message; its HTML part is in a sandboxed frame, whose links open in a new tab."""
    found = sandbox_of(request).mailbox.message(mail_id)
    if found is None:
        return render_page("ended.html", status=404, title="Not found", text="There is no such message.")
    return render_page("mail.html", mail=found)


@get("/mailbox/{mail_id:str}/html")
async def mail_html(request: SandboxRequest, mail_id: FromPath[str]) -> Response[str]:
    """Shows the HTML part alone, without scripts or anything loaded from elsewhere."""
    found = sandbox_of(request).mailbox.message(mail_id)
    policy = f"{_FRAME}; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
    return Response(
        found.html if found else "",
        status_code=200 if found else 404,
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"},
    )


HANDLERS = [mailbox, mail, mail_html]
