"""Mailbox routes: messages as JSON, and refusals on demand."""

from typing import Any

import msgspec
from litestar import delete, get, post
from litestar.params import FromQuery

from egpay_sandbox.mailbox.mailbox import MailRefusalPlan
from egpay_sandbox.mailbox.messages import MailboxMessage
from egpay_sandbox.request_values import SandboxRequest, body_as, sandbox_of


@get("/mailbox/api/messages")
async def messages(request: SandboxRequest, to: FromQuery[str | None] = None) -> list[MailboxMessage]:
    """Lists messages newest first; `to` limits them to one recipient."""
    return sandbox_of(request).mailbox.messages(to)


@delete("/mailbox/api/messages", status_code=200)
async def empty(request: SandboxRequest) -> dict[str, Any]:
    """Removes all messages."""
    mailbox = sandbox_of(request).mailbox
    count = len(mailbox.messages())
    mailbox.clear()
    return {"deleted": count}


@post("/sandbox/mailbox/refuse", status_code=200)
async def refuse(request: SandboxRequest) -> dict[str, Any]:
    """Refuses the next messages."""
    plan = await body_as(request, MailRefusalPlan)
    sandbox_of(request).mailbox.refuse(plan)
    return msgspec.structs.asdict(plan)


HANDLERS = [messages, empty, refuse]
