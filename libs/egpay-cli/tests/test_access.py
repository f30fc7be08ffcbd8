from datetime import timedelta
from typing import Any

from operator_system import EgpayCommand, OperatorSystem

from egpay.adapters.system.clock import utc_now
from egpay.domain.access import Access, AccessLevel
from egpay.domain.api_key import ApiKeys
from egpay.domain.values import ProductId, SubscriptionId
from egpay.testing.builders import account, subscription, subscription_changed
from egpay.testing.folds import writing

DAY = timedelta(days=1)


async def stored(system: OperatorSystem, who: str, **facts: Any) -> Access:
    owner = account(f"{who}@example.com", opened_by=f"sub_{who}", organisation=f"Club {who}")
    known = {
        "level": AccessLevel.FULL,
        "why": "active",
        "seats": 3,
        "plan": ProductId("yearly"),
        "version": 1,
    }
    given = Access(
        organisation_id=owner.organisation.id,
        subscription_id=SubscriptionId(f"sub_{who}"),
        **{**known, **facts},
    )
    held = subscription(f"sub_{who}", organisation_id=owner.organisation.id)
    await system.storage.apply([subscription_changed(f"sub_{who}")], writing(owner, held, given))
    return given


async def test_what_organisations_may_use_is_listed_by_name_and_by_level(system: OperatorSystem) -> None:
    assert "no organisation has a subscription yet" in (await system.egpay("access", "ls")).out
    end = utc_now() + DAY
    late = await stored(system, "b", level=AccessLevel.GRACE, why="past_due", until=end)
    fine = await stored(system, "a")
    lines = (await system.egpay("access", "ls")).out.splitlines()
    assert lines == [
        f"full   Club a ({fine.organisation_id})  active  until -  yearly x3",
        f"grace  Club b ({late.organisation_id})  past_due  until {end:%Y-%m-%d %H:%M}  yearly x3",
    ]
    grace = await system.egpay("access", "ls", "--level", "grace", "--json")
    assert [one["organisation_id"] for one in grace.json] == [late.organisation_id]


async def test_one_is_shown_by_the_id_of_its_organisation_or_subscription(system: OperatorSystem) -> None:
    given = await stored(system, "a")
    for name in (given.organisation_id, "sub_a"):
        shown = (await system.egpay("access", "show", name, "--json")).json
        assert shown == {
            "organisation": "Club a",
            "organisation_id": given.organisation_id,
            "access": "full",
            "until": None,
            "why": "active",
            "plan": "yearly",
            "seats": 3,
            "subscription": "sub_a",
            "subscriptions": ["sub_a"],
            "version": 1,
        }
    assert "access           full" in (await system.egpay("access", "show", "sub_a")).out


async def test_a_grace_period_that_has_ended_is_shown_as_none_before_it_is_stored(
    system: OperatorSystem,
) -> None:
    given = await stored(system, "a", level=AccessLevel.GRACE, why="past_due", until=utc_now() - DAY)
    shown = (await system.egpay("access", "show", given.organisation_id, "--json")).json
    assert (shown["access"], shown["why"], shown["until"]) == ("none", "grace_over", None)
    assert (await system.egpay("access", "ls", "--level", "grace")).out == "no organisation has that access\n"


async def test_an_unknown_organisation_is_a_failure(system: OperatorSystem) -> None:
    failed = await system.egpay("access", "show", "org_nowhere", expect=1)
    assert "no access is stored for org_nowhere" in failed.err


async def test_a_new_key_is_shown_once_with_the_entry_that_lets_it_in() -> None:
    program = EgpayCommand()
    made = (await program("access", "new-key", "app", "--json")).json
    assert made["key"].startswith("egk_")
    assert len(made["key"]) > 40
    assert ApiKeys([made["api_keys"]]).accepts(made["key"])
    assert made["key"] not in made["api_keys"]
    lines = (await program("access", "new-key", "app")).out.splitlines()
    assert [line.split()[0] for line in lines] == ["key,", "entry,"]
    assert made["key"] not in "".join(lines)
    assert "name has letters" in (await program("access", "new-key", "a b", expect=2)).err
