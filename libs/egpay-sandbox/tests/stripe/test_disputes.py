"""Disputes in part and in full, inquiries that become chargebacks, and the money that goes with them."""

from typing import Any

import pytest
import stripe

from egpay_sandbox.testing.running_sandbox import RunningSandbox


def types(events: list[Any]) -> list[str]:
    return [e["type"] for e in events]


async def bought_charge(sandbox: RunningSandbox) -> str:
    await sandbox.buy(await sandbox.create_session())
    return str(sandbox.internals.account.charges.newest_first()[0].id)


def told(sandbox: RunningSandbox) -> list[str]:
    """What the account told about disputes, in its own order."""
    return [e.type for e in sandbox.internals.account.events if e.type.startswith("charge.dispute.")]


def moved(dispute: dict[str, Any]) -> list[int]:
    return [row["amount"] for row in dispute["balance_transactions"]]


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_a_dispute_opens_and_closes(sandbox: RunningSandbox, outcome: str) -> None:
    await sandbox.buy(await sandbox.create_session())
    charge = next(iter(sandbox.internals.account.charges)).id
    dispute = await sandbox.post_control(f"charges/{charge}/dispute", reason="product_not_received")
    assert dispute["status"] == "needs_response"
    await sandbox.post_control(f"disputes/{dispute['id']}/close", outcome=outcome)
    events = await sandbox.wait_for_events("charge.dispute.created", "charge.dispute.closed")
    closed = (await sandbox.wait_for_event("charge.dispute.closed"))["data"]["object"]
    assert closed["status"] == outcome
    assert ("charge.dispute.funds_reinstated" in types(events)) == (outcome == "won")
    answer = await sandbox.http.post(f"/sandbox/disputes/{dispute['id']}/close", json={"outcome": "won"})
    assert answer.status_code == 400


async def test_two_parts_of_a_charge_are_disputed_and_decided_apart(sandbox: RunningSandbox) -> None:
    charge = await bought_charge(sandbox)
    first = await sandbox.post_control(f"charges/{charge}/dispute", amount=2500)
    second = await sandbox.post_control(f"charges/{charge}/dispute")
    assert (first["amount"], second["amount"]) == (2500, 5000)
    answer = await sandbox.http.post(f"/sandbox/charges/{charge}/dispute", json={})
    assert answer.status_code == 400
    lost = await sandbox.post_control(f"disputes/{first['id']}/close", outcome="lost")
    won = await sandbox.post_control(f"disputes/{second['id']}/close", outcome="won")
    assert (moved(lost), moved(won)) == ([-2500], [-5000, 5000])
    rest = await sandbox.post_control(f"charges/{charge}/refund")
    assert rest["amount"] == 5000
    rows = (await sandbox.stripe.v1.disputes.list_async({"charge": charge})).data
    assert [(row.id, row.status) for row in rows] == [(second["id"], "won"), (first["id"], "lost")]


async def test_an_inquiry_moves_no_money_until_it_becomes_a_chargeback(sandbox: RunningSandbox) -> None:
    charge = await bought_charge(sandbox)
    inquiry = await sandbox.post_control(f"charges/{charge}/dispute", status="warning_needs_response")
    assert (inquiry["is_charge_refundable"], moved(inquiry)) == (True, [])
    assert inquiry["payment_method_details"]["card"]["case_type"] == "inquiry"
    await sandbox.post_control(f"charges/{charge}/refund", amount=100)
    chargeback = await sandbox.post_control(f"disputes/{inquiry['id']}/move", status="needs_response")
    assert (chargeback["id"], moved(chargeback)) == (inquiry["id"], [-7500])
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await sandbox.stripe.v1.refunds.create_async({"charge": charge})
    assert refusal.value.code == "charge_disputed"
    assert told(sandbox) == [
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.funds_withdrawn",
    ]


async def test_an_inquiry_that_ends_leaves_everything_as_it_was(sandbox: RunningSandbox) -> None:
    charge = await bought_charge(sandbox)
    inquiry = await sandbox.post_control(f"charges/{charge}/dispute", status="warning_under_review")
    closed = await sandbox.post_control(f"disputes/{inquiry['id']}/close", outcome="warning_closed")
    assert (closed["status"], moved(closed)) == ("warning_closed", [])
    assert told(sandbox) == ["charge.dispute.created", "charge.dispute.closed"]


@pytest.mark.parametrize(("funds", "money"), [(None, []), (True, [-7500])])
async def test_a_prevented_dispute_is_over_with_or_without_the_money(
    sandbox: RunningSandbox, funds: bool | None, money: list[int]
) -> None:
    charge = await bought_charge(sandbox)
    dispute = await sandbox.post_control(f"charges/{charge}/dispute", status="prevented", funds=funds)
    assert (dispute["status"], moved(dispute)) == ("prevented", money)
    assert told(sandbox)[-1] == "charge.dispute.closed"


async def test_a_lost_dispute_is_appealed_and_won(sandbox: RunningSandbox) -> None:
    charge = await bought_charge(sandbox)
    dispute = await sandbox.post_control(f"charges/{charge}/dispute")
    path = ["under_review", "lost", "appeal_needs_response", "appeal_under_review", "won"]
    for status in path:
        dispute = await sandbox.post_control(f"disputes/{dispute['id']}/move", status=status)
        assert dispute["status"] == status
    assert moved(dispute) == [-7500, 7500]
    assert [kind.rpartition(".")[2] for kind in told(sandbox)] == [
        "created",
        "funds_withdrawn",
        "updated",
        "closed",
        "updated",
        "updated",
        "funds_reinstated",
        "closed",
    ]


async def test_evidence_brings_a_dispute_under_review_unless_nothing_can_be_answered(
    sandbox: RunningSandbox,
) -> None:
    charge = await bought_charge(sandbox)
    dispute = await sandbox.post_control(f"charges/{charge}/dispute", amount=100)
    assert dispute["evidence_details"]["due_by"] == dispute["created"] + 7 * 24 * 3600
    disputes = sandbox.stripe.v1.disputes
    draft = await disputes.update_async(
        dispute["id"], {"evidence": {"uncategorized_text": "a"}, "submit": False}
    )
    assert draft.status == "needs_response"
    sent = await disputes.update_async(dispute["id"], {"evidence": {"uncategorized_text": "a"}})
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    mute = await sandbox.post_control(f"charges/{charge}/dispute", amount=100, due_seconds=0)
    assert mute["evidence_details"]["due_by"] == 0
    with pytest.raises(stripe.InvalidRequestError):
        await disputes.update_async(mute["id"], {"evidence": {"uncategorized_text": "a"}})
    assert (await disputes.close_async(mute["id"])).status == "lost"


async def test_a_dispute_fails_the_refund_under_way_and_ends_warning_and_review(
    sandbox: RunningSandbox,
) -> None:
    charge = await bought_charge(sandbox)
    refund = await sandbox.post_control(f"charges/{charge}/refund", amount=2500, status="pending")
    await sandbox.post_control(f"charges/{charge}/warn")
    await sandbox.post_control(f"charges/{charge}/review")
    await sandbox.post_control(f"charges/{charge}/dispute")
    failed = await sandbox.stripe.v1.refunds.retrieve_async(refund["id"])
    assert (failed.status, failed.failure_reason) == ("failed", "charge_for_pending_refund_disputed")
    closed = (await sandbox.wait_for_event("review.closed"))["data"]["object"]
    assert closed["closed_reason"] == "disputed"
    warning = (await sandbox.wait_for_event("radar.early_fraud_warning.updated"))["data"]["object"]
    assert warning["actionable"] is False
