"""Final state, complete and comparable: what a buyer, an operator and an auditor would see.

Left out is only what depends on the order by design: when an operator's case was opened and what opened it,
the timeline, the second of the newest report, whether a settled renewal is known to have failed before, the id of
an organisation (it follows from the subscription that opened it first), how its name is spelt, which of one
person's organisations the introduction is about, what a warehouse that holds a parcel received about it before, which
grace periods are known to have passed, and how many versions of an object the product was told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from scenario import Held, Required
from shop import START

from egpay.domain.access import current_level
from egpay.domain.books import Records
from egpay.domain.case import Case
from egpay.domain.letters import LetterKind
from egpay.domain.order import fold_name
from egpay.domain.values import OrganisationId, SaleId


@dataclass(slots=True)
class Parcel:
    """The warehouse's state of one sale.

    Of holding and releasing, the newest revision wins, whenever it comes; cancelled is final.
    """

    devices: int = 0
    requests: int = 0
    held: bool = False
    cancelled: bool = False
    revision: int = 0

    def hold(self, *, held: bool, revision: int) -> None:
        """Holds or releases, unless a newer revision came before."""
        if revision > self.revision:
            self.held, self.revision = held, revision

    @property
    def leaving(self) -> int:
        """Counts the devices that leave the warehouse."""
        return 0 if self.held or self.cancelled else self.devices * self.requests


LASTING = (
    LetterKind.INTRODUCTION,
    LetterKind.ORGANISATION_ADDED,
    LetterKind.ACCOUNT_USED_AGAIN,
    LetterKind.PAYMENT_FAILED,
    LetterKind.PAYMENT_RETRY,
    LetterKind.WITHDRAWAL_RECEIVED,
)
"""Letters whose facts last in the scenarios. Any other is true for a while and sent only then, so that whether it left
is order and not fact; that none is false when it leaves is shown beside the effects."""


def lasting(letters: Mapping[str, str]) -> dict[str, str]:
    """Keeps the letters that every order leads to, by key."""
    return {key: kind for key, kind in letters.items() if kind in LASTING}


@dataclass(slots=True)
class ExternalState:
    """External effects: e-mails by their key, and parcels."""

    letters: dict[str, str] = field(default_factory=dict)
    parcels: dict[SaleId, Parcel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FinalState:
    """Everything that is compared between two interleavings."""

    pages: Records
    world: ExternalState
    cases: Iterable[Case]
    dead_letters: Iterable[str]
    at: datetime

    def canonical(self) -> bytes:
        """Serialises canonically: equal endings are equal bytes."""
        buyers = self._buyers()
        pages = self.pages
        ended = {
            "sales": {
                key: {
                    **_plain(sale, "created_at", "organisation_id", "public_version"),
                    "organisation": buyers.get(sale.organisation_id or OrganisationId("")),
                }
                for key, sale in pages.sales.items()
            },
            "subscriptions": {
                key: {
                    **_plain(one, "reported_at", "plan_reported_at", "organisation_id", "public_version"),
                    "renewals": {name: since for name, since in one.renewals.items() if since},
                    "organisation": buyers.get(one.organisation_id or ""),
                }
                for key, one in pages.subscriptions.items()
            },
            "organisations": {
                buyers[key]: [
                    one.organisation.source,
                    one.admin.email,
                    one.admin.status,
                ]
                for key, one in pages.accounts.items()
            },
            "users": len({one.admin.id for one in pages.accounts.values()}),
            "payments": {
                key: {
                    **_plain(one),
                    "disputes": {name: _plain(each, "reported_at") for name, each in one.disputes.items()},
                }
                for key, one in pages.payments.items()
            },
            "shipments": {
                key: _plain(one, "asked", "revision", "public_version")
                for key, one in pages.shipments.items()
            },
            "parcels": self.parcels(),
            "letters": sorted(self._letters()),
            "access": {
                buyers[key]: {
                    **_plain(one, "organisation_id", "version", "elapsed"),
                    "level": self.access_of(key),
                }
                for key, one in pages.accesses.items()
            },
            "cases": sorted(_stated(each, buyers) for each in self._standing()),
            "dead_letters": sorted(self.dead_letters),
            "foreign": sorted({name for one in pages.foreign.values() for name in one.about}),
        }
        return msgspec.json.format(msgspec.json.encode(ended, order="deterministic"))

    def parcels(self) -> dict[str, int]:
        """Counts the devices that leave, by sale, without zeros; what has left was not stopped."""
        gone = {sale for sale, shipment in self.pages.shipments.items() if shipment.dispatched}
        devices = {
            sale: parcel.devices * parcel.requests if sale in gone else parcel.leaving
            for sale, parcel in self.world.parcels.items()
        }
        return {sale: count for sale, count in devices.items() if count}

    def access_of(self, organisation: OrganisationId) -> str:
        """Names what this organisation may use, as stored; `missing` is what must not be."""
        stored = self.pages.accesses.get(organisation)
        return current_level(stored, at=self.at).value if stored else "missing"

    def held(self) -> tuple[Held, ...]:
        """Lists what the organisations hold, as stored."""
        return tuple(
            sorted(
                Held(
                    self.access_of(key),
                    int(one.until.timestamp()) - START if one.until else None,
                    one.plan,
                    one.seats,
                )
                for key, one in self.pages.accesses.items()
            )
        )

    def named(self, tag: str) -> str:
        """Names the subscription of the sale `a`."""
        [sale] = [sale for key, sale in self.pages.sales.items() if _letter(key, tag) == "a"]
        return _letter(sale.subscription_id or "", tag)

    def in_words(self, tag: str) -> Required:
        """Summarises the end as the table of scenarios does, with the letters of the sales for their ids."""
        given = {self.access_of(key) for key in self.pages.accounts} or {"none"}
        return Required(
            sales={_letter(key, tag): sale.status.value for key, sale in self.pages.sales.items()},
            subscriptions={
                _letter(key, tag): one.status.value for key, one in self.pages.subscriptions.items()
            },
            organisations=len(self.pages.accounts),
            letters=tuple(sorted(self.world.letters.values())),
            parcels={_letter(key, tag): count for key, count in self.parcels().items()},
            access=",".join(sorted(given)),
            gone={_letter(key, tag): one.gone for key, one in self.pages.payments.items() if one.gone},
            cases=tuple(sorted(_kind(each) for each in self._standing())),
            foreign=tuple(sorted({one.reason for one in self.pages.foreign.values()})),
            linked=tuple(
                sorted(_letter(key, tag) for key, sale in self.pages.sales.items() if sale.organisation_id)
            ),
        )

    def _standing(self) -> list[Case]:
        """Lists the open cases; one that opened and closed again is one that another order never opens."""
        return [each for each in self.cases if each.is_open]

    def _letters(self) -> Iterable[str]:
        """Names each letter by its kind and whom it is about: the organisation that came second, or the sale that
        found its account open, is order, not fact."""
        users = {key: one.admin.email for key, one in self.pages.accounts.items()}
        sold = {key: sale.email for key, sale in self.pages.sales.items()}
        for key in self.world.letters:
            kind, _, rest = key.rpartition(":")
            whose = (
                sold.get(SaleId(rest)) if kind == "account_used_again" else users.get(OrganisationId(rest))
            )
            yield f"{kind}:{whose or rest}"

    def _buyers(self) -> Mapping[str, str]:
        """Names each organisation by its admin and its name."""
        accounts = self.pages.accounts.items()
        return {key: f"{one.admin.email_key} {fold_name(one.organisation.name)}" for key, one in accounts}


def _plain(record: Any, *without: str) -> dict[str, Any]:
    return {key: value for key, value in msgspec.structs.asdict(record).items() if key not in without}


def _stated(case: Case, buyers: Mapping[str, str]) -> list[Any]:
    """All that a case says, but when it was opened and by what."""
    facts = (
        case.sale_id or "",
        case.what,
        case.todo,
        case.weight,
        case.about,
        str(case.due_by),
        case.waits_for,
        str(case.snoozed_until),
    )
    return [_about(case.id, buyers), buyers.get(case.subject, case.subject), *facts]


def _kind(case: Case) -> str:
    """What kind of case stands, and whether it was put off."""
    return f"{case.kind.value} snoozed" if case.snoozed_until else case.kind.value


def _about(key: str, buyers: Mapping[str, str]) -> str:
    kind, _, rest = key.rpartition(":")
    return f"{kind}:{buyers.get(rest, rest)}"


def _letter(key: str, tag: str) -> str:
    """The sale `sale_atag00...` and `sub_a_tag` are `a`; a second subscription of a sale, `sub2_a_tag`, is `a2`."""
    if key.startswith("sale_"):
        return key[5]
    kind, _, letter = key.removesuffix(f"_{tag}").rpartition("_")
    return letter + "".join(sign for sign in kind if sign.isdigit())
