from datetime import timedelta
from typing import Any

from operator_system import EgpayCommand, OperatorSystem

from egpay.adapters.system.clock import utc_now
from egpay.domain.access import Access, AccessLevel
from egpay.domain.api_key import ApiKeys
from egpay.domain.books import Records
from egpay.domain.events import Source
from egpay.domain.outcome import Outcome
from egpay.domain.public_events import AccessChanged, PublicObject, public_id
from egpay.domain.values import ProductId, SubscriptionId
from egpay.testing.builders import account, subscription, subscription_changed
from egpay.testing.folds import leading_to, writing

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
    assert [line.split() for line in lines] == [
        ["full", "Club", "a", fine.organisation_id, "active", "-", "yearly", "x3"],
        [
            "grace",
            "Club",
            "b",
            late.organisation_id,
            "past_due",
            *f"{end:%Y-%m-%d %H:%M:%S}".split(),
            "yearly",
            "x3",
        ],
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


async def told(system: OperatorSystem, given: Access) -> None:
    """What a worker saves when the access of an organisation changes."""
    news = AccessChanged(
        id=public_id(PublicObject.ACCESS.of(given.organisation_id), given.version),
        occurred_at=utc_now(),
        source=Source.STRIPE,
        version=given.version,
        organisation_id=given.organisation_id,
        access=given.level,
        why=given.why,
        seats=given.seats,
    )
    outcome = Outcome(written=Records(), public_events=(news,))
    await system.storage.apply([subscription_changed("sub_news")], leading_to(outcome))


async def test_what_the_product_was_told_is_shown_and_told_again_under_another_id(
    system: OperatorSystem,
) -> None:
    first, second = await stored(system, "a"), await stored(system, "b")
    await told(system, first)
    await told(system, second)
    await system.ask("UPDATE app_deliveries SET delivered_at = now(), tries = 2, status = 204")
    await system.ask(
        "UPDATE app_deliveries SET updated_at = now() - interval '2 days' WHERE object = $1",
        f"access:{second.organisation_id}",
    )
    shown = (await system.egpay("access", "show", "sub_a", "--json")).json
    assert (shown["told_version"], shown["tries"], shown["last_status"], shown["next_try"]) == (
        1,
        2,
        204,
        None,
    )
    assert shown["told_at"]

    for options, count in (((), 2), (("--organisation", "sub_a"), 1), (("--since", "12h"), 1)):
        dry = (await system.egpay("access", "replay", *options, "--dry-run", "--json")).json
        assert dry == {"replayed": False, "objects": count}
    assert not await system.ask("SELECT FROM app_deliveries WHERE delivered_at IS NULL")

    done = await system.egpay("access", "replay", "--organisation", "sub_a", "--reason", "view lost")
    assert done.out == "1 objects are told again\n"
    [row] = await system.ask("SELECT * FROM app_deliveries WHERE delivered_at IS NULL")
    assert (row["object"], row["version"], row["tries"]) == (f"access:{first.organisation_id}", 1, 0)
    assert row["message_id"].startswith(f"public:access:{first.organisation_id}:1.again.")
    published = await system.ask(
        "SELECT subject, payload FROM outbox WHERE message_id = $1", row["message_id"]
    )
    assert [one["subject"] for one in published] == ["billing.public.access.changed"]
    assert published[0]["payload"] == row["payload"]
    [line] = await system.ask("SELECT kind, what FROM timeline WHERE subject = $1", first.organisation_id)
    assert line["kind"] == "product.replayed"
    assert line["what"].endswith(": view lost")
    assert (
        "no access is stored"
        in (await system.egpay("access", "replay", "--organisation", "org_nowhere", expect=1)).err
    )


async def test_doctor_says_what_the_product_has_not_taken_and_what_it_answered(
    system: OperatorSystem,
) -> None:
    endpoint = {"APP_WEBHOOK_URL": "http://app.example/news"}

    async def look(**given: str) -> tuple[str, str]:
        signs = (await system.egpay("doctor", "--json", expect=None, **given)).json["checks"]
        [sign] = [one for one in signs if one["what"] == "product"]
        return sign["state"], sign["words"]

    assert (await look())[0] == "note"
    assert await look(**endpoint) == ("ok", "it was told everything")
    given = await stored(system, "a")
    await told(system, given)
    state, words = await look(**endpoint)
    assert (state, "never tried" in words) == ("note", True)
    await system.ask(
        "UPDATE app_deliveries SET waits_since = now() - interval '3 hours', tries = 5, tried_at = now(),"
        " status = 503, reason = 'answered 503', next_at = now() + interval '20 minutes'"
    )
    state, words = await look(**endpoint)
    assert state == "wrong"
    assert f"1 objects wait to be told, the oldest (access:{given.organisation_id}) for 3.0 h" in words
    assert "answered 503" in words


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
