"""The way from the introduction's e-mail into the product, by the store's page and what its script asks."""

import re
from typing import Any

from egpay_system import EgpaySystem, until
from test_purchase import press


def tokens(egpay: EgpaySystem, email: str) -> list[str]:
    """The tokens of all introductions to this address, by whatever request, the oldest first."""
    mailbox = egpay.browser.get(f"{egpay.sandbox}/mailbox/api/messages", params={"to": email}).json()
    found = [re.findall(r"/invitation#token=([\w-]+)", one["text"]) for one in mailbox]
    return [links[0] for links in reversed(found) if links]


def ask(egpay: EgpaySystem, token: str, verb: str = "redeem") -> tuple[int, dict[str, Any]]:
    """Asks as the script of the store's page does when its button is pressed."""
    answer = egpay.browser.post(f"{egpay.api}/v1/invitations/{verb}", json={"token": token})
    return answer.status_code, dict(answer.json())


async def test_an_admin_enters_by_the_link_of_the_introduction_once(egpay: EgpaySystem) -> None:
    answer = egpay.order()
    email = (await egpay.ask("SELECT email FROM sales WHERE id = $1", answer["sale_id"]))[0]["email"]
    press(egpay, answer["checkout_url"], "pay", email="accounts@harbour.example")
    [first] = until(lambda: tokens(egpay, email), what="no introduction")

    opened = egpay.browser.get(f"{egpay.api}/invitation").raise_for_status()
    assert "script-src 'self'" in opened.headers["content-security-policy"]
    assert opened.headers["referrer-policy"] == "no-referrer"
    assert ask(egpay, "x" * 43)[0] == 410
    of_hers = "user_id = (SELECT id FROM users WHERE email = $1)"
    await egpay.ask(f"UPDATE invitations SET expires_at = now() - interval '1 day' WHERE {of_hers}", email)  # noqa: S608
    status, problem = ask(egpay, first)
    assert (status, problem["type"].rpartition("/")[2]) == (410, "invitation-expired")
    assert ask(egpay, first, "renew")[0] == 202
    second = until(lambda: tokens(egpay, email)[1:], what="no new e-mail")[0]

    status, entered = ask(egpay, second)
    assert (status, entered["organisation"], entered["email"]) == (200, "Harbour Cycling Club", email)
    assert [ask(egpay, token)[0] for token in (second, first)] == [410, 410]
    [user] = await egpay.ask("SELECT status FROM users WHERE email = $1", email)
    assert user["status"] == "active"
    told = [
        row["kind"]
        for row in await egpay.ask("SELECT kind FROM timeline WHERE sale_id = $1", answer["sale_id"])
    ]
    assert "invitation.redeemed" in told
    logs = "".join(log.read_text() for log in egpay.supervisor.logs.glob("*.log"))
    assert not [token for token in (first, second) if token in logs]
