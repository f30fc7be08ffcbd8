"""RULES 2: who it is, by the sale's e-mail and organisation, the customer of one of ours, or the provider's e-mail."""

from typing import Any

import msgspec
import pytest
from purchase_events import KEY, SUBSCRIPTION, FoldRecorder, a_sale, changed, invoice, later

from egpay.domain.account import OrganisationSource
from egpay.domain.events import OwnerIdentified, Source
from egpay.domain.owner import Owner
from egpay.domain.subscription import SubscriptionReport, SubscriptionStatus
from egpay.domain.values import CustomerId, EmailKey, InvoiceId, MessageId, SaleId, SubscriptionId

ACTIVE = SubscriptionStatus.ACTIVE
SECOND, MADE = SubscriptionId("sub_two"), SubscriptionId("sub_made")
SALE_TWO = SaleId("sale_two")
OTHER = "Difference Engines"


def bought(ledger: FoldRecorder) -> FoldRecorder:
    return ledger.hear(changed(ACTIVE), invoice())


def bought_again(ledger: FoldRecorder, **report: Any) -> FoldRecorder:
    event = changed(ACTIVE, 2, subscription_id=SECOND, sale_id=SALE_TWO, at=later(9))
    event = msgspec.structs.replace(event, report=SubscriptionReport(status=ACTIVE, **report))
    its_invoice = InvoiceId("in_two")
    return ledger.hear(event, invoice(2, subscription_id=SECOND, sale_id=SALE_TWO, invoice_id=its_invoice))


def made_at_the_provider(
    ledger: FoldRecorder, *, name: str, customer: str | None = None, key: EmailKey = KEY
) -> FoldRecorder:
    """A subscription of our catalogue without a sale, whose customer has this name and e-mail at the provider."""
    customer_id = CustomerId(customer) if customer else None
    event = changed(ACTIVE, 3, subscription_id=MADE, sale_id=None, prices=("price_ours",), at=later(20))
    event = msgspec.structs.replace(event, report=SubscriptionReport(status=ACTIVE, customer_id=customer_id))
    ledger.pages.owners[MADE] = Owner(
        subscription_id=MADE, organisation=name, name=name, email=key, email_key=key
    )
    identified = OwnerIdentified(
        id=MessageId("owner:sub_made:identified"),
        occurred_at=later(21),
        source=Source.RECONCILE,
        subscription_id=MADE,
    )
    paid = invoice(3, subscription_id=MADE, sale_id=None, invoice_id=InvoiceId("in_made"))
    return ledger.hear(event, paid, identified)


def organisation_of(ledger: FoldRecorder, subscription: SubscriptionId) -> str:
    organisation = ledger.pages.subscriptions[subscription].organisation_id
    assert organisation is not None
    return ledger.pages.accounts[organisation].organisation.name


def letters(ledger: FoldRecorder) -> list[str]:
    kinds = ("introduction", "organisation_added", "account_used_again")
    return [kind for key in (*ledger.wanted, *ledger.letters) if (kind := key.partition(":")[0]) in kinds]


def admins(ledger: FoldRecorder) -> set[str]:
    return {one.admin.id for one in ledger.pages.accounts.values()}


@pytest.mark.parametrize("said", [True, False])
def test_an_order_for_another_organisation_makes_the_same_person_admin_of_a_second_one(said: bool) -> None:
    second = a_sale(SALE_TWO, organisation=OTHER, another_organisation=said)
    ledger = bought_again(bought(FoldRecorder(a_sale(), second)))
    assert organisation_of(ledger, SUBSCRIPTION) == "Analytical Engines"
    assert organisation_of(ledger, SECOND) == OTHER
    assert len(admins(ledger)) == 1
    assert letters(ledger) == ["introduction", "organisation_added"]
    assert not any(outcome.written.cases for outcome in ledger.outcomes)


def test_an_order_for_one_of_its_organisations_uses_that_account_and_says_so() -> None:
    second = a_sale(SALE_TWO, organisation="ANALYTICAL  engines ")
    ledger = bought_again(bought(FoldRecorder(a_sale(), second)))
    assert organisation_of(ledger, SECOND) == organisation_of(ledger, SUBSCRIPTION) == "Analytical Engines"
    assert letters(ledger) == ["introduction", "account_used_again"]
    assert [key for key in ledger.letters if key.startswith("account_used")] == [
        "account_used_again:sale_two"
    ]


def test_a_second_subscription_of_one_sale_is_no_order_to_tell_of() -> None:
    ledger = bought(FoldRecorder(a_sale()))
    ledger.hear(changed(ACTIVE, 2, subscription_id=SECOND), invoice(2, subscription_id=SECOND))
    assert organisation_of(ledger, SECOND) == "Analytical Engines"
    assert letters(ledger) == ["introduction"]


def test_a_name_is_compared_only_among_the_organisations_of_the_same_email() -> None:
    mallory = a_sale(SALE_TWO, email="mallory@example.com", email_key=EmailKey("mallory@example.com"))
    ledger = bought_again(bought(FoldRecorder(a_sale(), mallory)))
    assert ledger.pages.subscriptions[SECOND].organisation_id != ledger.subscription.organisation_id
    assert len(admins(ledger)) == 2


def test_a_customer_of_a_subscription_of_ours_comes_before_his_email() -> None:
    second = a_sale(SALE_TWO, organisation=OTHER, another_organisation=True)
    ledger = FoldRecorder(a_sale(), second, catalogue=("price_ours",))
    bought_again(bought(ledger), customer_id=CustomerId("cus_two"))
    made_at_the_provider(ledger, name="Billing", customer="cus_two", key=EmailKey("billing@example.com"))
    assert organisation_of(ledger, MADE) == OTHER
    assert len(admins(ledger)) == 1


@pytest.mark.parametrize(
    ("name", "belongs_to"),
    [(" difference ENGINES", OTHER), ("Ada Lovelace", "Analytical Engines"), ("", "Analytical Engines")],
)
def test_what_was_made_at_the_provider_is_of_the_emails_organisation_of_that_name_or_else_of_its_first(
    name: str, belongs_to: str
) -> None:
    second = a_sale(SALE_TWO, organisation=OTHER, another_organisation=True)
    ledger = bought_again(bought(FoldRecorder(a_sale(), second, catalogue=("price_ours",))))
    made_at_the_provider(ledger, name=name)
    assert organisation_of(ledger, MADE) == belongs_to
    assert letters(ledger) == ["introduction", "organisation_added"]


def test_an_organisation_that_the_provider_named_takes_the_name_of_the_order_that_comes_after_it() -> None:
    ledger = made_at_the_provider(FoldRecorder(a_sale(), catalogue=("price_ours",)), name="Ada Lovelace")
    assert organisation_of(ledger, MADE) == "Ada Lovelace"
    bought(ledger)
    [account] = ledger.pages.accounts.values()
    assert account.organisation.name == organisation_of(ledger, SUBSCRIPTION) == "Analytical Engines"
    assert account.organisation.source is OrganisationSource.SALE
    assert letters(ledger) == ["introduction"]


def test_an_order_that_says_another_organisation_leaves_the_one_that_the_provider_named() -> None:
    sale = a_sale(another_organisation=True)
    ledger = bought(made_at_the_provider(FoldRecorder(sale, catalogue=("price_ours",)), name="Ada Lovelace"))
    assert organisation_of(ledger, MADE) == "Ada Lovelace"
    assert organisation_of(ledger, SUBSCRIPTION) == "Analytical Engines"
    assert len(admins(ledger)) == 1
    assert letters(ledger) == ["introduction", "organisation_added"]
