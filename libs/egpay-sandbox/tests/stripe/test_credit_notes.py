"""Credit notes and customer balances: what is owed less, given back, or kept for the next invoice."""

from typing import Any

import pytest
import stripe

from egpay_sandbox.testing.carts import line
from egpay_sandbox.testing.running_sandbox import RunningSandbox


async def subscribed(sandbox: RunningSandbox, **more: Any) -> Any:
    plan = [line(1000, "Plan", every="month")]
    return await sandbox.buy(await sandbox.create_subscription_session(line_items=plan, **more))


async def credit(sandbox: RunningSandbox, invoice: str, **more: Any) -> Any:
    return await sandbox.stripe.v1.credit_notes.create_async({"invoice": invoice, **more})


async def loaded(sandbox: RunningSandbox, invoice: str) -> Any:
    return await sandbox.stripe.v1.invoices.retrieve_async(invoice)


async def test_credit_notes_never_exceed_their_invoice_and_a_void_one_counts_nothing(
    sandbox: RunningSandbox,
) -> None:
    await sandbox.buy(await sandbox.create_subscription_session())
    invoice = sandbox.internals.account.invoices.newest_first()[0]
    note = await sandbox.post_control(f"invoices/{invoice.id}/credit")
    assert (note["amount"], note["type"], note["status"]) == (invoice.total, "post_payment", "issued")
    assert (await sandbox.http.post(f"/sandbox/invoices/{invoice.id}/credit", json={})).status_code == 400
    await sandbox.post_control(f"credit_notes/{note['id']}/void")
    await sandbox.post_control(f"invoices/{invoice.id}/credit", amount=1)
    notes = (await sandbox.stripe.v1.credit_notes.list_async({"invoice": invoice.id})).data
    assert [(row.amount, row.status) for row in notes] == [(1, "issued"), (invoice.total, "void")]
    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.stripe.v1.credit_notes.retrieve_async("cn_none")


async def test_a_credit_note_refunds_credits_and_gives_back_out_of_band(sandbox: RunningSandbox) -> None:
    session = await subscribed(sandbox)
    earlier = await sandbox.post_control(
        f"charges/{sandbox.internals.account.charges.newest_first()[0].id}/refund", amount=100
    )
    note = await credit(
        sandbox,
        str(session.invoice),
        amount=1000,
        refunds=[{"refund": earlier["id"], "type": "refund"}],
        refund_amount=200,
        credit_amount=300,
        out_of_band_amount=400,
        reason="order_change",
    )
    assert (note.post_payment_amount, note.out_of_band_amount, note.pre_payment_amount) == (1000, 400, 0)
    made = sandbox.internals.account.refunds.newest_first()[0]
    assert [(row.refund, row.amount_refunded) for row in note.refunds] == [
        (earlier["id"], 100),
        (made.id, 200),
    ]
    assert note.customer_balance_transaction.startswith("cbtxn_")
    customer = await sandbox.stripe.v1.customers.retrieve_async(str(session.customer))
    assert customer.balance == -300
    invoice = await loaded(sandbox, str(session.invoice))
    assert (invoice.status, invoice.post_payment_credit_notes_amount) == ("paid", 1000)
    await sandbox.wait_for_events("credit_note.created", "invoice.updated", "refund.created")


async def test_the_parts_of_a_credit_note_must_add_up(sandbox: RunningSandbox) -> None:
    session = await subscribed(sandbox)
    for parts in ({}, {"out_of_band_amount": 999}, {"credit_amount": 600, "refund_amount": 600}):
        with pytest.raises(stripe.InvalidRequestError, match="sum of refunds"):
            await credit(sandbox, str(session.invoice), amount=1000, **parts)
    assert len(sandbox.internals.account.refunds) == 0


async def test_a_credit_note_of_an_open_invoice_lowers_what_is_owed_until_it_is_voided(
    sandbox: RunningSandbox,
) -> None:
    session = await subscribed(sandbox)
    sub = await sandbox.post_control(f"subscriptions/{session.subscription}/renew", outcome="failed")
    open_invoice = sub["latest_invoice"]
    note = await credit(sandbox, open_invoice, amount=400)
    assert (note.type, note.pre_payment_amount) == ("pre_payment", 400)
    assert (await loaded(sandbox, open_invoice)).amount_due == 600
    assert (await sandbox.stripe.v1.credit_notes.void_credit_note_async(note.id)).status == "void"
    assert (await loaded(sandbox, open_invoice)).amount_remaining == 1000
    await credit(sandbox, open_invoice, amount=400)
    await sandbox.post_control(f"invoices/{open_invoice}/retry")
    assert sandbox.internals.account.charges.newest_first()[0].amount == 600


async def test_an_invoice_that_a_credit_note_settles_is_paid_without_money(sandbox: RunningSandbox) -> None:
    session = await subscribed(sandbox)
    sub = await sandbox.post_control(f"subscriptions/{session.subscription}/renew", outcome="failed")
    note = await credit(sandbox, sub["latest_invoice"])
    invoice = await loaded(sandbox, sub["latest_invoice"])
    assert (invoice.status, invoice.amount_paid, invoice.amount_due) == ("paid", 0, 0)
    recovered = await sandbox.stripe.v1.subscriptions.retrieve_async(sub["id"])
    assert recovered.status == "active"
    with pytest.raises(stripe.InvalidRequestError, match="open invoices"):
        await sandbox.stripe.v1.credit_notes.void_credit_note_async(note.id)


async def test_lines_of_a_credit_note_name_the_lines_of_the_invoice(sandbox: RunningSandbox) -> None:
    await sandbox.buy(await sandbox.create_subscription_session())
    invoice = sandbox.internals.account.invoices.newest_first()[0]
    readers = next(row for row in invoice.lines if row.invoice_item)
    lines = [
        {"type": "invoice_line_item", "invoice_line_item": readers.id, "quantity": 2},
        {"type": "custom_line_item", "description": "Goodwill", "unit_amount": 50, "quantity": 1},
    ]
    note = await credit(sandbox, invoice.id, lines=lines, out_of_band_amount=5050, memo="two came back")
    assert note.amount == 5050
    rows = (await sandbox.stripe.v1.credit_notes.line_items.list_async(note.id)).data
    assert [(row.type, row.invoice_line_item, row.amount) for row in rows] == [
        ("invoice_line_item", readers.id, 5000),
        ("custom_line_item", None, 50),
    ]
    changed = await sandbox.stripe.v1.credit_notes.update_async(note.id, {"memo": "three came back"})
    assert changed.memo == "three came back"
    await sandbox.wait_for_events("credit_note.updated")


@pytest.mark.parametrize(("credited", "due", "left"), [(-400, 600, 0), (-1500, 0, -500), (250, 1250, 0)])
async def test_a_balance_is_taken_up_by_the_next_invoice(
    sandbox: RunningSandbox, credited: int, due: int, left: int
) -> None:
    session = await subscribed(sandbox)
    customer, balances = str(session.customer), sandbox.stripe.v1.customers.balance_transactions
    await balances.create_async(customer, {"amount": credited, "currency": "eur", "description": "Sorry"})
    sub = await sandbox.post_control(f"subscriptions/{session.subscription}/renew")
    invoice = await loaded(sandbox, sub["latest_invoice"])
    assert (invoice.total, invoice.amount_due, invoice.amount_paid) == (1000, due, due)
    assert (invoice.starting_balance, invoice.ending_balance) == (credited, left)
    assert (await sandbox.stripe.v1.customers.retrieve_async(customer)).balance == left
    rows = (await balances.list_async(customer)).data
    assert [(row.type, row.amount, row.ending_balance) for row in rows] == [
        ("applied_to_invoice", left - credited, left),
        ("adjustment", credited, credited),
    ]
    await sandbox.wait_for_events("customer.updated")


async def test_credit_pays_the_first_invoice_of_a_subscription(sandbox: RunningSandbox) -> None:
    customer = await sandbox.stripe.v1.customers.create_async({"email": "known@example.com"})
    credit_of = {"amount": -5000, "currency": "eur"}
    await sandbox.stripe.v1.customers.balance_transactions.create_async(customer.id, credit_of)
    session = await subscribed(sandbox, customer=customer.id)
    assert (session.payment_status, session.amount_total) == ("paid", 1000)
    invoice = await loaded(sandbox, str(session.invoice))
    assert (invoice.status, invoice.amount_due, invoice.ending_balance) == ("paid", 0, -4000)
    assert len(sandbox.internals.account.charges) == 0
