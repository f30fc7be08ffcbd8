"""Scenario 16 in full: one purchase, in every version of the API that Stripe may render it in, alone and mixed."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interleaving import Interleaving
from purchase import PERIOD, purchase, traceable
from rules_only_worker import RulesOnlyWorker
from scenario import Required, Scenario, Told
from shop import START, Shop

from egpay.domain.events import BillingEvent, InvoicePaid
from egpay.testing.stripe_objects import Generation

VERSIONS = list(Generation)


def told_by(shop: Shop) -> tuple[Told, ...]:
    """A purchase with a cancellation ahead and a part given back. Until clover the end is told as the end of the
    period, afterwards as a date (`cancel_at` with `cancel_at_period_end` false)."""
    dated = shop.generation("ending") >= Generation.CLOVER
    ending = (
        {"cancel_at": START + PERIOD, "cancel_at_period_end": False}
        if dated
        else {"cancel_at_period_end": True}
    )
    return (
        *purchase(shop),
        shop.subscription("updated", "active", at=90, name="ending", **ending),
        shop.unpaid(1, at=PERIOD),
        shop.refunded(600, at=50),
        shop.dispute("needs_response", at=60),
        shop.dispute("won", at=70),
    )


def scenario_of(shop: Shop, told: tuple[Told, ...]) -> Scenario:
    """To be told in this order."""
    return Scenario("16", "versions", "t", (shop.sold(),), told, Required(), traceable(shop))


def comparable(event: BillingEvent | None) -> BillingEvent | None:
    """Until acacia an invoice names its payment; since basil the provider is asked for it when it matters."""
    return msgspec.structs.replace(event, payment_intent_id=None) if isinstance(event, InvoicePaid) else event


def ending_of(scenario: Scenario) -> object:
    """The end, without the one name that depends on the version (see `comparable`)."""
    telling = Interleaving(tuple((told,) for told in scenario.told), promptness=1.0, seed=0)
    ending = RulesOnlyWorker.of(scenario).tell(telling)
    assert not ending.dead_letters
    found = msgspec.json.decode(ending.canonical())
    for sale in found["sales"].values():
        del sale["payment_intent_id"]
    return found


NEWEST = Shop("t")
EXPECTED_EVENTS = [comparable(told.receipt.event) for told in told_by(NEWEST)]
EXPECTED_ENDING = ending_of(scenario_of(NEWEST, told_by(NEWEST)))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_tells_the_same_events_and_the_same_end(version: Generation) -> None:
    shop = Shop("t", generation=lambda _: version)
    told = told_by(shop)
    assert {each.receipt.api_version for each in told} == {version}
    assert [comparable(each.receipt.event) for each in told] == EXPECTED_EVENTS
    assert ending_of(scenario_of(shop, told)) == EXPECTED_ENDING


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_an_endpoint_may_be_upgraded_in_the_middle_of_a_purchase(data: st.DataObject) -> None:
    names = [
        "created_incomplete",
        "updated_active",
        "in_paid",
        "in_payment_succeeded",
        "completed_1",
        "ending",
    ]
    chosen = {name: data.draw(st.sampled_from(VERSIONS), label=name) for name in names}
    shop = Shop("t", generation=lambda name: chosen.get(name, Generation.BASIL))
    told = data.draw(st.permutations(told_by(shop)))
    assert ending_of(scenario_of(shop, tuple(told))) == EXPECTED_ENDING
