"""A person can do everything from the home page."""

from egpay_sandbox.testing.running_sandbox import RunningSandbox


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
