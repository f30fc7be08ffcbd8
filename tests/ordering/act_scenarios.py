"""Scenario 27: acts of operators amid the events that they concern, in every order, each twice."""

from typing import Any

from device_scenarios import SENT, parcel
from purchase import ACTIVE, PAID, PERIOD, purchase, traceable
from refund_scenarios import reported
from scenario import Required, Scenario, Told, enter
from shop import START, TOTAL, Shop, key_of

from egpay.domain.account import open_account
from egpay.domain.acts import Act, PersonalArguments
from egpay.domain.cancellation import CancelledMoney
from egpay.domain.events import (
    AddressCorrected,
    CaseClosed,
    CaseSnoozed,
    EmailCorrected,
    IntroductionRequested,
    SaleCancelled,
    ShipmentHeld,
    ShipmentReleased,
    ShipmentRepeated,
    Source,
)
from egpay.domain.shipment import Progress
from egpay.domain.values import Address, EmailKey, MessageId, SubscriptionId
from egpay.testing.builders import moment

CANCELLED = {"a": "cancelled"}


def base(shop: Shop, name: str, at: int) -> dict[str, Any]:
    """Builds what every act's event has."""
    return {
        "id": MessageId(f"act_{name}_{shop.own}"),
        "occurred_at": moment(START + at - int(moment().timestamp())),
        "source": Source.OPERATOR,
        "sale_id": shop.sale_id,
    }


def cancel(shop: Shop, *, at: int, money: CancelledMoney | None = None) -> Told:
    """An operator cancels the sale."""
    event = SaleCancelled(**base(shop, "cancel", at), money=money)
    return enter("cancel", Act(event=event, who="grace", why="the buyer asked"))


def hold(shop: Shop, *, at: int, name: str = "hold") -> Told:
    """An operator holds the devices."""
    return enter(name, Act(event=ShipmentHeld(**base(shop, name, at)), who="grace", why="wait for the buyer"))


def release(shop: Shop, *, at: int, refund: int = 0) -> Told:
    """An operator who saw so much go back releases the devices."""
    event = ShipmentReleased(**base(shop, "release", at), settled_refund=refund)
    return enter("release", Act(event=event, who="grace", why="the buyer agrees"))


def ship_again(shop: Shop, *, at: int) -> Told:
    """An operator has the devices sent a second time."""
    event = ShipmentRepeated(**base(shop, "again", at), attempt=2)
    return enter("ship again", Act(event=event, who="grace", why="it came back"))


def correct_address(shop: Shop, line1: str, *, at: int) -> Told:
    """An operator corrects where the devices go."""
    address = Address(line1=line1, city="Cork", postal_code="T12", country="IE")
    event, personal = AddressCorrected(**base(shop, f"address_{at}", at)), PersonalArguments(address=address)
    return enter("correct address", Act(event=event, who="grace", why="a typo", personal=personal))


def about_account(shop: Shop, name: str, at: int) -> dict[str, Any]:
    """Builds what every act about the account has that the subscription of this sale opened."""
    running = SubscriptionId(shop.name("sub"))
    opened = open_account(organisation="", name="", email="", key=EmailKey(""), opened_by=running)
    about = {"organisation_id": opened.organisation.id, "subscription_id": running}
    return {**base(shop, name, at), **about, "sale_id": None}


def correct_email(shop: Shop, *, at: int) -> Told:
    """An operator corrects the e-mail of the admin, who mistyped it."""
    event = EmailCorrected(**about_account(shop, "email", at), sales=(shop.sale_id,))
    personal = PersonalArguments(
        email=f"right.{shop.tag}@orders.example", admin_keys=(EmailKey(key_of(shop)),)
    )
    return enter("correct e-mail", Act(event=event, who="grace", why="a typo", personal=personal))


def introduce_again(shop: Shop, *, at: int) -> Told:
    """An operator has the admin invited again."""
    event = IntroductionRequested(**about_account(shop, "introduce", at))
    personal = PersonalArguments(admin_keys=(EmailKey(key_of(shop)),))
    return enter("introduce", Act(event=event, who="grace", why="the letter was lost", personal=personal))


def about_part(shop: Shop, weight: int) -> dict[str, Any]:
    """Builds what an act on the case of a part that went back has: so much of it was seen."""
    return {"case_id": f"part_refunded:{shop.sale_id}", "case_subject": shop.sale_id, "weight": weight}


def close_case(shop: Shop, *, at: int, weight: int) -> Told:
    """An operator closes the case of a part that went back."""
    event = CaseClosed(**base(shop, "close", at), **about_part(shop, weight))
    return enter("close case", Act(event=event, who="grace", why="the buyer keeps them"))


def snooze_case(shop: Shop, *, at: int, weight: int) -> Told:
    """An operator lets the same case wait for a week."""
    until = moment(START + at + 7 * 86_400 - int(moment().timestamp()))
    event = CaseSnoozed(**base(shop, "snooze", at), **about_part(shop, weight), until=until)
    return enter("snooze case", Act(event=event, who="grace", why="the buyer is away"))


def cancelled_unpaid(tag: str) -> Scenario:
    """27. Cancelled while its page is open, which then expires: nothing was paid, nothing is left to do."""
    shop = Shop(tag)
    told = (cancel(shop, at=100), shop.expired(at=101))
    required = Required(sales=CANCELLED, organisations=0, letters=(), access="none")
    return Scenario("27a", "cancelled before it is paid", tag, (shop.sold(),), told, required)


def cancelled_and_paid(tag: str) -> Scenario:
    """27. Cancelled while it was in truth paid, with no word about the money: a person decides."""
    shop = Shop(tag)
    told = (*purchase(shop)[1:3], purchase(shop)[4], cancel(shop, at=100))
    required = Required(sales=CANCELLED, subscriptions=ACTIVE, cases=("paid_after_end",))
    return Scenario(
        "27b", "cancelled though it is paid", tag, (shop.sold(),), told, required, traceable(shop)
    )


def cancelled_kept(tag: str) -> Scenario:
    """27. Cancelled before its devices leave, and the money is kept."""
    shop = Shop(tag)
    told = (*purchase(shop)[1:3], purchase(shop)[4], cancel(shop, at=100, money=CancelledMoney.KEEP))
    required = Required(sales=CANCELLED, subscriptions=ACTIVE)
    return Scenario("27c", "cancelled, money kept", tag, (shop.sold(),), told, required, traceable(shop))


def cancelled_as_it_leaves(tag: str) -> Scenario:
    """27. Cancelled while its parcel leaves: it is asked for, whichever is heard first."""
    shop = Shop(tag)
    told = (
        cancel(shop, at=100, money=CancelledMoney.KEEP),
        reported(shop, Progress.ACCEPTED, "shipment.accepted", at=10),
        reported(shop, Progress.SHIPPED, "shipment.shipped", at=99),
    )
    required = Required(sales=CANCELLED, subscriptions=ACTIVE, parcels={"a": 3}, cases=("return",))
    return Scenario(
        "27d",
        "cancelled as it leaves",
        tag,
        (shop.sold(),),
        told,
        required,
        traceable(shop),
        before=purchase(shop),
    )


def cancelled_and_refunded(tag: str) -> Scenario:
    """27. Cancelled and given back at Stripe: nothing leaves, and the subscription that goes on is asked about."""
    shop = Shop(tag)
    told = (*purchase(shop)[1:3], purchase(shop)[4], cancel(shop, at=100), shop.refunded(at=120))
    required = Required(
        sales=CANCELLED, subscriptions=ACTIVE, gone={"a": TOTAL}, cases=("refunded_but_running",)
    )
    return Scenario("27e", "cancelled and refunded", tag, (shop.sold(),), told, required, traceable(shop))


def held_and_released(tag: str) -> Scenario:
    """27. Held by hand and released, while it is accepted and leaves: the newest decision counts."""
    shop = Shop(tag)
    told = (
        hold(shop, at=100),
        release(shop, at=200),
        reported(shop, Progress.ACCEPTED, "shipment.accepted", at=10),
        reported(shop, Progress.SHIPPED, "shipment.shipped", at=300),
    )
    return parcel("27f", "held and released", shop, SENT, *told)


def held(tag: str) -> Scenario:
    """27. Released and held again: it stays."""
    shop = Shop(tag)
    told = (release(shop, at=100), hold(shop, at=200), hold(shop, at=90, name="hold_before"))
    return parcel("27g", "held by hand", shop, Required(sales=PAID, subscriptions=ACTIVE), *told)


def released_for_a_part(tag: str) -> Scenario:
    """27. A part goes back, and an operator who saw it lets all of the devices leave."""
    shop = Shop(tag)
    told = (shop.refund(amount=600, at=50), shop.refunded(600, at=50), release(shop, at=100, refund=600))
    required = Required(sales=PAID, subscriptions=ACTIVE, gone={"a": 600}, parcels={"a": 3})
    return parcel("27h", "released for a part", shop, required, *told)


def released_before_more(tag: str) -> Scenario:
    """27. More goes back than the operator saw: it holds the devices all the same."""
    shop = Shop(tag)
    told = (shop.refunded(600, at=50), release(shop, at=100, refund=600), shop.refunded(900, at=120))
    required = Required(sales=PAID, subscriptions=ACTIVE, gone={"a": 900}, cases=("part_refunded",))
    return parcel("27i", "released before more went back", shop, required, *told)


def shipped_again(tag: str) -> Scenario:
    """27. What came back is sent again, amid a dispute that is won: two requests, each of three devices."""
    shop = Shop(tag)
    before = (
        *purchase(shop),
        reported(shop, Progress.SHIPPED, "shipment.shipped", at=20),
        reported(shop, Progress.RETURNED, "shipment.returned", at=60),
    )
    told = (
        ship_again(shop, at=100),
        shop.dispute("needs_response", at=150),
        shop.dispute("won", at=180),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 6})
    sold = (shop.sold(),)
    return Scenario(
        "27j", "sent again amid a dispute", tag, sold, told, required, traceable(shop), before=before
    )


def address_corrected(tag: str) -> Scenario:
    """27. The address is corrected twice while it is held and released: the newest counts, nothing is sent twice."""
    shop = Shop(tag)
    told = (
        correct_address(shop, "1 Quay, rear", at=100),
        correct_address(shop, "2 Quay", at=110),
        hold(shop, at=105),
        release(shop, at=120),
    )
    return parcel("27k", "address corrected", shop, SENT, *told)


def address_corrected_before(tag: str) -> Scenario:
    """27. The address is corrected before it is known to be paid: the first request has it."""
    shop = Shop(tag)
    told = (*purchase(shop)[1:3], purchase(shop)[4], correct_address(shop, "2 Quay", at=100))
    return Scenario("27l", "address corrected early", tag, (shop.sold(),), told, SENT, traceable(shop))


def email_corrected(tag: str) -> Scenario:
    """27. The admin's e-mail is corrected amid reports of the subscription: one account, invited at both addresses."""
    shop = Shop(tag)
    told = (
        correct_email(shop, at=100),
        shop.subscription("updated", "active", at=90, name="seats", quantity=3),
        shop.renewed(at=PERIOD),
        shop.refunded(600, at=150),
    )
    required = Required(
        sales=PAID,
        subscriptions=ACTIVE,
        letters=("introduction", "introduction"),
        gone={"a": 600},
        cases=("part_refunded",),
    )
    return parcel("27m", "e-mail corrected", shop, required, *told)


def introduced_again(tag: str) -> Scenario:
    """27. The admin is invited again amid reports of the subscription: one more letter."""
    shop = Shop(tag)
    told = (
        introduce_again(shop, at=100),
        shop.subscription("updated", "active", at=90, name="seats", quantity=3),
    )
    required = Required(
        sales=PAID, subscriptions=ACTIVE, letters=("introduction", "introduction"), parcels={"a": 3}
    )
    return parcel("27n", "introduced again", shop, required, *told)


def case_closed(tag: str) -> Scenario:
    """27. A case is closed while its facts are told again: it stays closed, and the devices stay held."""
    shop = Shop(tag)
    told = (close_case(shop, at=100, weight=600), shop.refund(amount=600, at=50), shop.fraud_warning(at=90))
    required = Required(sales=PAID, subscriptions=ACTIVE, gone={"a": 600}, cases=("fraud_warning",))
    return parted(shop, "27o", "case closed", required, *told)


def case_closed_before_more(tag: str) -> Scenario:
    """27. More goes back than was seen by who closed the case: it is open, whichever comes first."""
    shop = Shop(tag)
    told = (close_case(shop, at=100, weight=600), shop.refunded(900, at=110))
    required = Required(sales=PAID, subscriptions=ACTIVE, gone={"a": 900}, cases=("part_refunded",))
    return parted(shop, "27p", "case closed before more went back", required, *told)


def case_snoozed(tag: str) -> Scenario:
    """27. A case waits while its facts are told again: it is open and snoozed, whichever comes first."""
    shop = Shop(tag)
    told = (snooze_case(shop, at=100, weight=600), shop.refund(amount=600, at=50), shop.fraud_warning(at=90))
    required = Required(
        sales=PAID, subscriptions=ACTIVE, gone={"a": 600}, cases=("fraud_warning", "part_refunded snoozed")
    )
    return parted(shop, "27q", "case snoozed", required, *told)


def case_snoozed_before_more(tag: str) -> Scenario:
    """27. More goes back than was seen by who let the case wait: it is open and waits no longer."""
    shop = Shop(tag)
    told = (snooze_case(shop, at=100, weight=600), shop.refunded(900, at=110))
    required = Required(sales=PAID, subscriptions=ACTIVE, gone={"a": 900}, cases=("part_refunded",))
    return parted(shop, "27r", "case snoozed before more went back", required, *told)


def parted(shop: Shop, number: str, name: str, required: Required, *told: Told) -> Scenario:
    """Builds a scenario of a purchase of which a part went back before the disorder began."""
    before = (*purchase(shop), shop.refunded(600, at=50))
    return Scenario(number, name, shop.tag, (shop.sold(),), told, required, traceable(shop), before=before)


ACT_SCENARIOS = (
    cancelled_unpaid,
    cancelled_and_paid,
    cancelled_kept,
    cancelled_as_it_leaves,
    cancelled_and_refunded,
    held_and_released,
    held,
    released_for_a_part,
    released_before_more,
    shipped_again,
    address_corrected,
    address_corrected_before,
    email_corrected,
    introduced_again,
    case_closed,
    case_closed_before_more,
    case_snoozed,
    case_snoozed_before_more,
)
