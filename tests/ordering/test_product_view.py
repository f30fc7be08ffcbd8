"""Random histories as the product meets them: feed, route and policy agree, and its view ends right from any delivery."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

import msgspec
from history_acts import random_histories
from history_deeds import play
from history_worker import HistoryWorker, WorkerCode, run_now

from billing_worker.effects import carry_out
from billing_worker.inbound.fold_batch import fold
from checkout_api.usecases.organisation_access import OrganisationAccess
from egpay.adapters import wire
from egpay.domain.access import GRACE_DAYS, Access, access_of, level_at
from egpay.domain.public_events import AccessChanged, PublicObject
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.values import OrganisationId
from egpay.testing.builders import moment
from egpay.testing.memory.accesses import MemoryGrantedAccesses
from egpay.testing.memory.store import Tables
from egpay_sandbox.clock import Clock
from egpay_sandbox.product.view import ProductNews, ToldObjects
from egpay_sandbox.sqlite_store import SqliteStore

SEED = 20261201
HISTORIES = 60


@dataclass(slots=True)
class WatchedWorker(HistoryWorker):
    """Compares what the product hears, what it would be answered and what the policy says, after every commit."""

    compared: int = field(default=0)

    def _take_messages(self) -> None:
        HistoryWorker._take_messages(self)
        for key in self.store.tables.accounts:
            self.findings += self._disagreements(key)

    def _disagreements(self, key: OrganisationId) -> Iterator[str]:
        self.compared += 1
        tables = self.store.tables
        stored = tables.accesses[key]
        policy = _policy(tables, stored)
        if policy != stored:
            yield "the stored access is not what the policy says"
        told = tables.news[PublicObject.ACCESS.of(key)]
        assert isinstance(told, AccessChanged)
        if (told.version, told.access, told.why, told.until, told.plan, told.seats) != (
            (stored.version, stored.level, stored.why, stored.until, stored.plan, stored.seats)
        ):
            yield "the feed says another access than is stored"
        now = moment()
        answered = run_now(OrganisationAccess(MemoryGrantedAccesses(self.store), lambda: now)(key))
        if (answered.version, answered.access) != (told.version, level_at(told.access, told.until, at=now)):
            yield "the route answers another access than the feed told"


def _policy(tables: Tables, stored: Access) -> Access:
    held = [one for one in tables.subscriptions.values() if one.organisation_id == stored.organisation_id]
    grace = timedelta(days=GRACE_DAYS)
    found = access_of(stored.organisation_id, held, grace=grace, elapsed=stored.elapsed)
    return msgspec.structs.replace(found, version=stored.version)


def published(worker: HistoryWorker) -> list[ProductNews]:
    """Every public message, in the order of its commit."""
    messages = worker.store.tables.outbox.values()
    return [
        _news(msgspec.json.decode(one.payload))
        for one in messages
        if one.subject.startswith(f"{wire.PUBLIC}.")
    ]


def _news(content: dict[str, Any]) -> ProductNews:
    kind, occurred_at = content.pop("type"), content.pop("occurred_at")
    return ProductNews(kind, occurred_at, content)


def ill_delivered(news: list[ProductNews], dice: random.Random) -> list[ProductNews]:
    """Loses, doubles and shuffles; only the newest of each object arrives for certain."""
    newest = {(one.type.partition(".")[0], _name(one)): one for one in news}
    told = [one for one in news if dice.random() < 0.5] + list(newest.values())
    told += [one for one in news if dice.random() < 0.3]
    dice.shuffle(told)
    return told


def _name(news: ProductNews) -> str:
    kind = news.type.partition(".")[0]
    field_of = {"subscription": "subscription_id", "sale": "sale_id", "shipment": "sale_id"}
    return str(news.data[field_of.get(kind, "organisation_id")])


def view_of(news: list[ProductNews]) -> dict[str, tuple[str, int, Any]]:
    product = ToldObjects(SqliteStore(None), Clock())
    for one in news:
        product.receive(one)
    return {one.id: (one.type, one.version, one.data) for one in product.objects}


def differences(tables: Tables, view: dict[str, tuple[str, int, Any]]) -> Iterator[str]:
    """What the product knows that the books do not say."""
    said: dict[str, tuple[Any, ...]] = {name: (version,) for name, (_, version, _) in view.items()}
    records: dict[str, tuple[int, Sale | Subscription | Shipment]] = {
        **{f"sale:{key}": (one.public_version, one) for key, one in tables.sales.items()},
        **{f"subscription:{key}": (one.public_version, one) for key, one in tables.subscriptions.items()},
        **{f"shipment:{key}": (one.public_version, one) for key, one in tables.shipments.items()},
    }
    for name, (version, record) in records.items():
        if said.get(name, (0,)) != (version,):
            yield f"{name.partition(':')[0]} is at another version than the product knows"
        if name in view and not _says(view[name], record):
            yield f"{name.partition(':')[0]} is in another state than the product knows"


def _says(known: tuple[str, int, Any], record: Sale | Subscription | Shipment) -> bool:
    kind, _, data = known
    match record:
        case Sale():
            return record.paid and data.get("in_full", False) == record.refunded and kind.startswith("sale.")
        case Subscription():
            return (data["status"], data["seats"]) == (record.status.value, record.quantity)
        case Shipment():
            return bool(data["status"] == record.status.value)


def test_feed_route_and_policy_agree_after_every_commit_and_any_delivery_leaves_the_same_view() -> None:
    dice, compared = random.Random(SEED), 0  # noqa: S311 - repeatable dice, no secret
    for history in islice(random_histories(SEED), HISTORIES):
        worker = WatchedWorker(play(history), WorkerCode(fold, carry_out))
        worker.run()
        wrong = [one for one in worker.findings if one.startswith(("the stored", "the feed", "the route"))]
        assert not wrong, f"{wrong[0]} in {history}"
        news = published(worker)
        whole = view_of(news)
        found = list(differences(worker.store.tables, whole))
        assert not found, f"{found[0]} in {history}"
        assert view_of(ill_delivered(news, dice)) == whole, history
        assert {one: event.version for one, event in worker.store.tables.news.items()} == {
            name: version for name, (_, version, _) in whole.items()
        }
        compared += worker.compared
    assert compared > HISTORIES
