"""Warnings, reviews and disputes are made, reported and listed as Stripe lists them."""

import pytest

from egpay_sandbox.testing.running_sandbox import RunningSandbox


async def bought_charge(sandbox: RunningSandbox) -> str:
    await sandbox.buy(await sandbox.create_session())
    return str(sandbox.internals.account.charges.newest_first()[0].id)


async def test_a_review_is_listed_while_it_is_open_and_can_be_asked_about_afterwards(
    sandbox: RunningSandbox,
) -> None:
    review = await sandbox.post_control(f"charges/{await bought_charge(sandbox)}/review")
    reviews = sandbox.stripe.v1.reviews
    assert [row.id for row in (await reviews.list_async()).data] == [review["id"]]
    await sandbox.post_control(f"reviews/{review['id']}/close", reason="refunded_as_fraud")
    assert (await reviews.list_async()).data == []
    closed = await reviews.retrieve_async(review["id"])
    assert (closed.open, closed.closed_reason, closed.reason) == (
        False,
        "refunded_as_fraud",
        "refunded_as_fraud",
    )
    await sandbox.wait_for_events("review.opened", "review.closed")


async def test_a_warning_is_reported_with_each_change_of_what_can_be_done_about_it(
    sandbox: RunningSandbox,
) -> None:
    charge = await bought_charge(sandbox)
    warning = await sandbox.post_control(f"charges/{charge}/warn")
    await sandbox.post_control(f"warnings/{warning['id']}/settle")
    await sandbox.wait_for_events("radar.early_fraud_warning.created", "radar.early_fraud_warning.updated")
    warnings = sandbox.stripe.v1.radar.early_fraud_warnings
    [row] = (await warnings.list_async({"charge": charge})).data
    assert (row.id, row.actionable) == (warning["id"], False)
    assert (await warnings.list_async({"charge": "ch_other"})).data == []


async def test_disputes_come_in_pages_newest_first_and_by_the_time_they_were_created(
    sandbox: RunningSandbox,
) -> None:
    opened = []
    for _ in range(3):
        charge = await bought_charge(sandbox)
        opened.append(await sandbox.post_control(f"charges/{charge}/dispute"))
        await sandbox.http.post("/sandbox/clock", json={"advance": 10})
    disputes = sandbox.stripe.v1.disputes
    newest = [each["id"] for each in reversed(opened)]
    first = await disputes.list_async({"limit": 2})
    assert ([row.id for row in first.data], first.has_more) == (newest[:2], True)
    rest = await disputes.list_async({"limit": 2, "starting_after": newest[1]})
    assert ([row.id for row in rest.data], rest.has_more) == (newest[2:], False)
    since = await disputes.list_async({"created": {"gte": opened[1]["created"]}})
    assert [row.id for row in since.data] == newest[:2]


@pytest.mark.parametrize(
    "reason",
    [
        "acknowledged",
        "approved",
        "canceled",
        "disputed",
        "payment_never_settled",
        "redacted",
        "refunded",
        "refunded_as_fraud",
    ],
)
async def test_a_review_is_closed_with_any_reason_of_the_api(sandbox: RunningSandbox, reason: str) -> None:
    review = await sandbox.post_control(f"charges/{await bought_charge(sandbox)}/review")
    closed = await sandbox.post_control(f"reviews/{review['id']}/close", reason=reason)
    assert (closed["open"], closed["closed_reason"]) == (False, reason)
    again = await sandbox.http.post(f"/sandbox/reviews/{review['id']}/close", json={"reason": reason})
    assert again.status_code == 400


@pytest.mark.parametrize(("reason", "closed"), [(None, "refunded"), ("fraudulent", "refunded_as_fraud")])
async def test_a_full_refund_ends_warning_and_review_and_a_part_does_not(
    sandbox: RunningSandbox, reason: str | None, closed: str
) -> None:
    charge = await bought_charge(sandbox)
    warning = await sandbox.post_control(f"charges/{charge}/warn", fraud_type="misc")
    review = await sandbox.post_control(f"charges/{charge}/review", opened_reason="manual")
    await sandbox.post_control(f"charges/{charge}/refund", amount=100)
    assert (await sandbox.stripe.v1.reviews.retrieve_async(review["id"])).open
    await sandbox.post_control(f"charges/{charge}/refund", reason=reason)
    assert (await sandbox.stripe.v1.reviews.retrieve_async(review["id"])).closed_reason == closed
    warnings = sandbox.stripe.v1.radar.early_fraud_warnings
    assert (await warnings.retrieve_async(warning["id"])).actionable is False


async def test_a_review_is_approved_over_the_api(sandbox: RunningSandbox) -> None:
    review = await sandbox.post_control(f"charges/{await bought_charge(sandbox)}/review")
    approved = await sandbox.stripe.v1.reviews.approve_async(review["id"])
    assert (approved.open, approved.closed_reason) == (False, "approved")
