"""Catalogue sync: brings a file's entries to Stripe and into the tables, or plans it, or fills the tables alone."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from egpay.adapters.postgres.catalogue_store import CatalogueStore, KnownCatalogue
from egpay.adapters.system.clock import utc_now
from egpay.domain.catalogue import CatalogueEntry, Product, SoldPrice
from egpay.domain.currencies import shown
from egpay.domain.errors import Refusal, RequestRefused
from egpay.domain.timeline import Entry
from egpay.domain.values import ProductId
from egpay.operations.replay import ReplayRequest
from egpay.settings import from_env
from egpay_cli.catalogue_file import MalformedFile
from egpay_cli.output import progress
from egpay_cli.running import owners_database
from egpay_cli.settings import StripeAccountSettings

if TYPE_CHECKING:
    from egpay.adapters.stripe.outbound.catalogue import PlannedEntry, StripeCatalogue


class Line(msgspec.Struct, frozen=True):
    """One thing that an apply does, or would do, with a product or an old price."""

    id: str
    what: str


async def fill(entries: Sequence[CatalogueEntry], wanted: ReplayRequest, *, dry_run: bool) -> list[Line]:
    """Fill the tables alone: an order for what Stripe does not sell at this price is refused until a sync."""
    async with owners_database() as engine:
        store = CatalogueStore(engine)
        known = await store.known(at=utc_now())
        if not dry_run:
            await store.put(entries, (), _line(entries, wanted, "not synced with Stripe"))
    return [Line(entry.id, _change(known.on_sale.get(entry.id), entry)) for entry in entries]


async def sync(entries: Sequence[CatalogueEntry], wanted: ReplayRequest, *, dry_run: bool) -> list[Line]:
    """Sync with Stripe, then fill the tables; what is planned, and then carried out, is one line each."""
    account = from_env(StripeAccountSettings)
    async with owners_database() as engine:
        store = CatalogueStore(engine)
        known = await store.known(at=utc_now())
        async with _stripe(account, known) as stripe:
            plan = await _plan(stripe, entries, known)
            lines = [Line(one.entry.id, str(one)) for one in plan]
            if dry_run:
                return [*lines, *(Line(price, "is to be archived at Stripe") for price in known.archivable)]
            with progress("at Stripe", len(plan)) as step:
                sold = []
                for one in plan:
                    sold.append(await stripe.carry_out(one))
                    step(one.entry.id)
            await store.put(entries, sold, _line(entries, wanted, "synced with Stripe"))
            lines += await _archive(stripe, store, known, sold)
            return [*lines, await _configure(stripe, await store.known(at=utc_now()))]


async def take_off_sale(ids: Sequence[ProductId], wanted: ReplayRequest, *, dry_run: bool) -> list[Line]:
    """Take products off sale, and out of the billing portal before: cut off in between, it can be run again."""
    async with owners_database() as engine:
        store = CatalogueStore(engine)
        known = await store.known(at=utc_now())
        if unknown := set(ids) - known.on_sale.keys():
            raise Refusal(f"not on sale: {', '.join(sorted(unknown))}; nothing was changed")
        offered = any(known.sold[one].interval for one in ids if one in known.sold)
        if dry_run:
            return [Line("billing portal", "is to offer them no longer")] if offered else []
        lines = [await _offer_no_longer(ids, known)] if offered else []
        what = wanted.told(f"taken off sale: {', '.join(ids)}")
        line = Entry(subject="catalogue", at=utc_now(), kind="catalogue.off_sale", what=what)
        await store.take_off_sale(ids, line)
        return lines


async def _offer_no_longer(ids: Collection[ProductId], known: KnownCatalogue) -> Line:
    async with _stripe(from_env(StripeAccountSettings), known) as stripe:
        return await _configure(stripe, known, without=ids)


@asynccontextmanager
async def _stripe(account: StripeAccountSettings, known: KnownCatalogue) -> AsyncIterator["StripeCatalogue"]:
    from egpay.adapters.stripe.outbound.catalogue import StripeCatalogue

    stripe = StripeCatalogue.connect(
        account.stripe_secret_key.reveal(), known.installation, api_base=account.stripe_api_base
    )
    try:
        yield stripe
    finally:
        await stripe.aclose()


async def _plan(
    stripe: "StripeCatalogue", entries: Sequence[CatalogueEntry], known: KnownCatalogue
) -> list["PlannedEntry"]:
    plan = [await stripe.plan(entry, known.sold.get(entry.id)) for entry in entries]
    faults = [
        f"product {number} ({one.entry.id!r}), {fault.field}: {fault.message}"
        for number, one in enumerate(plan, 1)
        for fault in one.faults
    ]
    if faults:
        raise MalformedFile(faults)
    return plan


async def _archive(
    stripe: "StripeCatalogue", store: CatalogueStore, known: KnownCatalogue, sold: Sequence[SoldPrice]
) -> list[Line]:
    """Archive the prices that were due before this apply, but not one that it sells again."""
    again = {price.id for price in sold}
    stays = {price: await stripe.archive(price) for price in known.archivable if price not in again}
    done = [price for price, reason in stays.items() if reason is None]
    await store.archived(done)
    lines = [
        Line(price, f"stays at Stripe: {why}" if why else "is archived at Stripe")
        for price, why in stays.items()
    ]
    waiting = await store.waiting() - (len(stays) - len(done))
    if waiting:
        lines.append(Line("-", f"{waiting} replaced prices are archived by the worker a day later"))
    return lines


async def _configure(
    stripe: "StripeCatalogue", known: KnownCatalogue, *, without: Collection[ProductId] = ()
) -> Line:
    """Offer the subscriptions that are on sale in the billing portal; what Stripe refuses there stops no sale."""
    on_sale = known.on_sale.keys() - set(without)
    offers = [price for product, price in known.sold.items() if product in on_sale]
    try:
        count = await stripe.put_portal(offers)
    except RequestRefused as refusal:
        return Line("billing portal", f"stays as it is: {refusal}")
    return Line("billing portal", f"offers {count} subscriptions to switch between")


def _line(entries: Sequence[CatalogueEntry], wanted: ReplayRequest, how: str) -> Entry:
    what = wanted.told(f"{len(entries)} products put on sale, {how}")
    return Entry(subject="catalogue", at=utc_now(), kind="catalogue.applied", what=what)


def _change(before: Product | None, entry: CatalogueEntry) -> str:
    price = shown(entry.unit_amount, entry.currency)
    if before is None:
        return f"goes on sale for {price}"
    changed = [
        field for field in Product.__struct_fields__ if getattr(before, field) != getattr(entry, field)
    ]
    if not changed:
        return "is as it should be"
    return f"changes: {', '.join(changed)}; {price}, was {shown(before.unit_amount, before.currency)}"
