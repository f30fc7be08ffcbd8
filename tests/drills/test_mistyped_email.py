"""Drill of a mistyped e-mail: found by the organisation's name, corrected, and only the right person can enter."""

import re
import secrets

from drill_desk import DrillDesk, Purchase
from egpay_system import until


def token(desk: DrillDesk, email: str) -> str:
    """The token of the newest introduction to an address; "" before there is one."""
    address = f"{desk.system.sandbox}/mailbox/api/messages"
    mailbox = desk.system.browser.get(address, params={"to": email}).raise_for_status().json()
    found = [re.findall(r"/invitation#token=([\w-]+)", letter["text"]) for letter in mailbox]
    return next((links[0] for links in found if links), "")


def enter(desk: DrillDesk, with_token: str) -> tuple[int, str]:
    """Follows a link; returns the status and the e-mail that entered."""
    answer = desk.system.browser.post(f"{desk.system.api}/v1/invitations/redeem", json={"token": with_token})
    return answer.status_code, str(answer.json().get("email", ""))


def test_a_mistyped_email_is_corrected_before_a_person_entered(desk: DrillDesk) -> None:
    name = f"Harbour Rowers {secrets.token_hex(4)}"
    buyer = desk.buy(organisation=name)
    right = f"orla.{secrets.token_hex(4)}@harbour.example"
    until(lambda: token(desk, buyer.email), what="no introduction")
    wrong = token(desk, buyer.email)
    desk.given.clear()
    [account] = desk.egpay("find", name)["accounts"]
    assert account["user_status"] == "invited"
    desk.found()
    correct(desk, account["organisation_id"], right)
    until(lambda: token(desk, right), what="the right person is not invited")
    assert enter(desk, wrong)[0] == 410
    assert enter(desk, token(desk, right)) == (200, right)
    entered_by(desk, buyer, right)


def test_who_entered_by_a_mistyped_email_is_evicted(desk: DrillDesk) -> None:
    name = f"Harbour Sailors {secrets.token_hex(4)}"
    buyer = desk.buy(organisation=name)
    right = f"orla.{secrets.token_hex(4)}@harbour.example"
    until(lambda: token(desk, buyer.email), what="no introduction")
    wrong = token(desk, buyer.email)
    assert enter(desk, wrong) == (200, buyer.email)
    desk.given.clear()
    [account] = desk.egpay("find", name)["accounts"]
    assert account["user_status"] == "active"
    desk.found()
    organisation, reason = account["organisation_id"], ("--reason", "a stranger has that address")
    desk.egpay("account", "correct-email", organisation, right, *reason, expect=1)
    desk.egpay("account", "correct-email", organisation, right, *reason, "--evict")
    until(lambda: token(desk, right), what="the right person is not invited")
    assert enter(desk, wrong)[0] == 410
    assert enter(desk, token(desk, right)) == (200, right)
    entered_by(desk, buyer, right)


def correct(desk: DrillDesk, organisation: str, right: str) -> None:
    """Corrects the address, twice under one key: it is one act."""
    for _ in range(2):
        act = ("account", "correct-email", organisation, right, "--reason", "the customer rang")
        desk.egpay(*act, "--key", f"right-{organisation}")


def entered_by(desk: DrillDesk, buyer: Purchase, right: str) -> None:
    """The account is the right person's, and the wrong address is no account any more."""
    [account] = desk.egpay("find", right)["accounts"]
    assert account["user_status"] == "active"
    assert desk.egpay("find", buyer.email, expect=None).get("accounts", []) == []
