"""A person can do everything from the home page."""

import re

from egpay_sandbox.control.actions import ACTIONS
from egpay_sandbox.testing.running_sandbox import RunningSandbox
from egpay_sandbox.testing.whole_life import whole_life


async def test_the_desk_shows_what_happened_and_what_may_happen_next(sandbox: RunningSandbox) -> None:
    open_session = await sandbox.create_session()
    await sandbox.buy(await sandbox.create_subscription_session())
    page = await sandbox.http.get("/")
    assert page.status_code == 200
    assert f"/c/pay/{open_session.id}#" in page.text
    for label in ("Expire", "Renew", "Cancel now", "Refund", "Dispute", "Rotate secret"):
        assert f">{label}</button>" in page.text
    assert "checkout.session.completed" in (await sandbox.http.get("/deliveries")).text


async def test_a_button_does_its_deed_and_comes_back_with_a_sentence(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_session()
    answer = await sandbox.http.post(f"/desk/sessions/{session.id}/expire", data={"back": "/"})
    assert answer.status_code == 303
    assert "sessions expire: done" in (await sandbox.http.get(answer.headers["location"])).text
    again = await sandbox.http.post(f"/desk/sessions/{session.id}/expire", data={"back": "http://evil.test"})
    assert again.headers["location"].startswith("/?said=Only")


async def test_the_sandbox_lives(sandbox: RunningSandbox) -> None:
    assert (await sandbox.http.get("/livez")).status_code == 200


async def test_every_button_of_the_desk_names_an_action_that_exists(sandbox: RunningSandbox) -> None:
    await whole_life(sandbox)
    session = await sandbox.buy(await sandbox.create_session())
    await sandbox.post_control(f"payment_intents/{session.payment_intent}/refund", status="pending", amount=1)
    charge = sandbox.internals.account.charges.newest_first()[0].id
    for verb in ("warn", "review"):
        await sandbox.post_control(f"charges/{charge}/{verb}")
    pages = [(await sandbox.http.get(path)).text for path in ("/", "/warehouse")]
    buttons = {tuple(found) for page in pages for found in re.findall(r"/desk/(\w+)/[^/]+/(\w+)", page)}
    assert buttons - ACTIONS.keys() == set()
    assert {
        ("disputes", "move"),
        ("refunds", "settle"),
        ("warnings", "settle"),
        ("reviews", "close"),
    } <= buttons
