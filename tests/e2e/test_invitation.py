"""The way from the introduction's e-mail into the product, on the page that stands in for the store's."""

import re

from egpay_system import EgpaySystem, until
from test_purchase import press


def tokens(egpay: EgpaySystem, email: str) -> list[str]:
    """The tokens of all introductions to this address, by whatever request, the oldest first."""
    mailbox = egpay.browser.get(f"{egpay.sandbox}/mailbox/api/messages", params={"to": email}).json()
    found = [re.findall(r"/invitation#token=([\w-]+)", one["text"]) for one in mailbox]
    return [links[0] for links in reversed(found) if links]


def page(egpay: EgpaySystem, token: str, **pressed: str) -> tuple[int, str]:
    answer = egpay.browser.post(f"{egpay.sandbox}/invitation", data={"token": token, **pressed})
    return answer.status_code, answer.text


async def test_an_admin_enters_by_the_link_of_the_introduction_once(egpay: EgpaySystem) -> None:
    answer = egpay.order()
    email = (await egpay.ask("SELECT email FROM sales WHERE id = $1", answer["sale_id"]))[0]["email"]
    press(egpay, answer["checkout_url"], "pay", email="accounts@harbour.example")
    [first] = until(lambda: tokens(egpay, email), what="no introduction")

    opened = egpay.browser.get(f"{egpay.sandbox}/invitation")
    assert "script-src 'self'; style-src 'self'" in opened.headers["content-security-policy"]
    assert opened.headers["referrer-policy"] == "no-referrer"
    assert page(egpay, "x" * 43)[0] == 410
    of_hers = "user_id = (SELECT id FROM users WHERE email = $1)"
    await egpay.ask(f"UPDATE invitations SET expires_at = now() - interval '1 day' WHERE {of_hers}", email)  # noqa: S608
    status, text = page(egpay, first)
    assert (status, "Send me a new e-mail" in text) == (410, True)
    assert page(egpay, first, action="renew")[0] == 200
    second = until(lambda: tokens(egpay, email)[1:], what="no new e-mail")[0]

    status, text = page(egpay, f"{egpay.sandbox}/invitation#token={second}")
    assert (status, "Harbour Cycling Club is open for " in text, email in text) == (200, True, True)
    assert [page(egpay, token)[0] for token in (second, first)] == [410, 410]
    [user] = await egpay.ask("SELECT status FROM users WHERE email = $1", email)
    assert user["status"] == "active"
    told = [
        row["kind"]
        for row in await egpay.ask("SELECT kind FROM timeline WHERE sale_id = $1", answer["sale_id"])
    ]
    assert "invitation.redeemed" in told
    logs = "".join(log.read_text() for log in egpay.supervisor.logs.glob("*.log"))
    assert not [token for token in (first, second) if token in logs]
