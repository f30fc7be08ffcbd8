"""Audit of a random history: compares the final books with the truth."""

from collections.abc import Iterator
from datetime import UTC, datetime

from history_reasons import standing_reasons
from history_worker import HistoryWorker

from egpay.domain.case import Case


def audit(worker: HistoryWorker) -> list[str]:
    """Returns what is wrong at the end, in words that stay the same for the same fault."""
    return [
        *worker.findings,
        *(f"an event is a dead letter: {one.reason}" for one in worker.store.tables.dead_letters.values()),
        *_goods(worker),
        *_account(worker),
        *_access(worker),
        *_cases(worker),
        *_sums(worker),
        *_strangers(worker),
    ]


def _open(worker: HistoryWorker) -> list[Case]:
    return [one for one in worker.store.tables.cases.values() if one.is_open]


def _goods(worker: HistoryWorker) -> Iterator[str]:
    truth, asked = worker.world.truth, worker.warehouse.parcel.requests
    order = truth.order
    if (truth.left or asked) and not truth.settled:
        yield "goods are shipped, and their sale is not settled"
    if (truth.left or asked) and not truth.devices:
        yield "goods are shipped that were not ordered"
    owed = truth.settled and truth.devices and order is not None and not order.gone_in_full
    if owed and not truth.left and not any(one.sale_id for one in _open(worker)):
        yield "a sale is settled, and there are neither goods nor a case"


def _account(worker: HistoryWorker) -> Iterator[str]:
    truth, tables = worker.world.truth, worker.store.tables
    cases = _open(worker)
    if truth.lives and not tables.accounts and not any(one.sale_id for one in cases):
        yield "a sale is settled, and there is neither an account nor a case"
    if tables.accounts and not (truth.plan and truth.settled):
        yield "an account is open, and nothing was settled"


def _access(worker: HistoryWorker) -> Iterator[str]:
    """An organisation whose end was told before its start has no account, and so no access."""
    level, until = worker.world.truth.access
    for name in worker.store.tables.accounts:
        given = worker.store.tables.accesses.get(name)
        if given is None or given.level.value != level:
            yield f"access is {given and given.level.value}, and is to be {level}"
        elif given.until != (datetime.fromtimestamp(until, UTC) if until else None):
            yield f"access is {level} until another time than the provider's dates say"
        elif given.seats != worker.world.truth.seats:
            yield "access has another number of seats than the subscription"


def _cases(worker: HistoryWorker) -> Iterator[str]:
    reasons = standing_reasons(worker.world)
    known = {one.id for one in _open(worker)}
    for name in sorted(known - reasons.must - reasons.may):
        yield f"a case is open whose reason has ended: {name.partition(':')[0]}"
    for name in sorted(reasons.must - known):
        kind = name.partition(":")[0]
        if kind == "refunded_but_running":
            yield "all money went back, the subscription charges again, and no person is asked"
        else:
            yield f"a reason stands without its case: {kind}"


def _sums(worker: HistoryWorker) -> Iterator[str]:
    shop, payments = worker.world.shop, worker.store.tables.payments
    for charge in worker.world.truth.charges.values():
        known = payments.get(shop.sale_id if charge.of_order else shop.name(charge.invoice))
        if known is not None and charge.paid and known.gone != charge.gone:
            yield f"{known.gone} is gone in the books, and {charge.gone} of {charge.amount} is"


def _strangers(worker: HistoryWorker) -> Iterator[str]:
    shop, tables = worker.world.shop, worker.store.tables
    names = {shop.sale_id, *map(shop.name, worker.world.truth.charges)}
    if tables.payments.keys() - names:
        yield "the books have a payment of a stranger"
    if tables.subscriptions.keys() - {shop.name("sub")}:
        yield "the books have a subscription of a stranger"
