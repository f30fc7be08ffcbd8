"""A sandbox with a data directory goes on where it stopped."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec

from egpay_sandbox.config import Config
from egpay_sandbox.testing.receiver import WebhookReceiver
from egpay_sandbox.testing.running_sandbox import RunningSandbox, running_sandbox
from egpay_sandbox.testing.serving import until

Connect = Callable[[RunningSandbox], Any]


async def books(sandbox: RunningSandbox) -> list[str]:
    """All that can be read, but for the port, which is another one after a restart."""
    headers = {"Authorization": "Bearer sk_test_x"}
    paths = ("/sandbox/truth", "/v1/events?limit=100", "/v1/subscriptions", "/warehouse/api/orders")
    return [(await sandbox.http.get(path, headers=headers)).text.replace(sandbox.url, "") for path in paths]


async def test_everything_is_the_same_after_a_restart(
    receiver: WebhookReceiver, config: Config, connect: Connect, tmp_path: Path
) -> None:
    config = replace(config, data=tmp_path)
    async with running_sandbox(config, receiver) as sandbox, connect(sandbox):
        session = await sandbox.buy(await sandbox.create_subscription_session())
        await sandbox.post_control(f"subscriptions/{session.subscription}/renew", outcome="failed")
        await sandbox.wait_for_events("invoice.payment_failed", "invoice_payment.paid", "charge.updated")
        await until(
            lambda: all(
                sandbox.internals.dispatcher.delivery_log.pending_count(e.id) == 0
                for e in sandbox.internals.account.events
            )
        )
        before = await books(sandbox)
    async with running_sandbox(config, receiver) as sandbox:
        assert await books(sandbox) == before
        assert [e.url for e in sandbox.internals.account.endpoints] == [f"{receiver.url}/webhooks/stripe"]


async def test_what_was_not_heard_before_the_restart_is_told_after_it(
    receiver: WebhookReceiver, config: Config, connect: Connect, tmp_path: Path
) -> None:
    config = replace(config, data=tmp_path)
    receiver.statuses = [500] * 3
    slow = replace(config, retry_base=60.0)
    async with running_sandbox(slow, receiver) as sandbox, connect(sandbox):
        await sandbox.stripe.v1.customers.create_async({"name": "A"})
        await until(lambda: len(receiver.received) == 1)
        event = next(iter(sandbox.internals.account.events))
        await until(lambda: sandbox.internals.dispatcher.delivery_log.for_subject(event.id)[0].attempts)
        delivery = sandbox.internals.dispatcher.delivery_log.for_subject(event.id)[0]
        sandbox.internals.dispatcher.delivery_log.store(msgspec.structs.replace(delivery, next_at=0.0))
    receiver.statuses = []
    async with running_sandbox(config, receiver):
        await until(lambda: len(receiver.received) == 2)
    assert {e["id"] for e in receiver.events()} == {event.id}


async def test_a_new_secret_on_the_command_line_is_the_one_that_signs(
    receiver: WebhookReceiver, config: Config, tmp_path: Path
) -> None:
    async with running_sandbox(replace(config, data=tmp_path, webhook_secret="whsec_old"), receiver):
        pass
    async with (
        running_sandbox(replace(config, data=tmp_path), receiver) as sandbox,
        httpx.AsyncClient() as http,
    ):
        endpoints = (await http.get(f"{sandbox.url}/sandbox/endpoints")).json()
    assert [e["secrets"] for e in endpoints] == [[config.webhook_secret]]


async def test_what_it_remembers_is_its_owners_alone_and_what_an_older_one_left_is_tightened(
    receiver: WebhookReceiver, config: Config, connect: Connect, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    (data / "sandbox.sqlite3").touch(mode=0o644)
    before = os.umask(0)
    try:
        async with running_sandbox(replace(config, data=data), receiver) as sandbox, connect(sandbox):
            await sandbox.create_subscription_session()
            modes = {path.stat().st_mode & 0o077 for path in (data, *data.iterdir())}
    finally:
        os.umask(before)
    assert modes == {0}
