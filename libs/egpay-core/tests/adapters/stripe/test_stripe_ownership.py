"""What the door itself judges: a connected account, another installation, and marks without our full shape."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from egpay.adapters.stripe.inbound.translation import translate
from egpay.domain.events import SubscriptionChanged
from egpay.domain.foreign import CONNECTED_ACCOUNT, OTHER_INSTALLATION
from egpay.ports.inbox import Disposition, Receipt
from egpay.testing import stripe_objects as stripe
from egpay.testing.stripe_events import event
from egpay.testing.stripe_objects import Generation, Json

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
MARK = {"sale_id": stripe.SALE, "egpay_installation": "inst_ours"}
MARKED = {
    "checkout.session.completed": stripe.session(Generation.ENDIVE, metadata=MARK),
    "checkout.session.expired": stripe.session(Generation.ENDIVE, metadata=MARK),
    "customer.subscription.updated": stripe.subscription(Generation.ENDIVE, metadata=MARK),
    "invoice.paid": stripe.invoice(Generation.ENDIVE, metadata=MARK),
    "charge.refunded": stripe.charge(Generation.ENDIVE, metadata=MARK),
}


def read(kind: str, content: Json, *, installation: str | None, **envelope: Any) -> Receipt:
    told = {**json.loads(event(kind, content)), **envelope}
    return translate(json.dumps(told).encode(), live=False, at=NOW, installation=installation)


@pytest.mark.parametrize("kind", MARKED)
def test_an_event_with_our_mark_is_accepted_and_carries_it(kind: str) -> None:
    receipt = read(kind, MARKED[kind], installation="inst_ours")
    assert receipt.disposition is Disposition.ACCEPTED
    assert receipt.event is not None
    assert receipt.event.installation == "inst_ours"


@pytest.mark.parametrize("kind", MARKED)
def test_an_event_of_another_installation_is_ignored_with_the_reason(kind: str) -> None:
    receipt = read(kind, MARKED[kind], installation="inst_of_a_colleague")
    assert (receipt.disposition, receipt.reason) == (Disposition.IGNORED, OTHER_INSTALLATION)
    assert receipt.event is None


@pytest.mark.parametrize("kind", MARKED)
def test_until_our_installation_is_known_the_worker_judges(kind: str) -> None:
    assert read(kind, MARKED[kind], installation=None).disposition is Disposition.ACCEPTED


@pytest.mark.parametrize("kind", MARKED)
def test_an_event_of_a_connected_account_is_ignored_with_the_reason(kind: str) -> None:
    receipt = read(kind, MARKED[kind], installation="inst_ours", account="acct_1ConnectedOther")
    assert (receipt.disposition, receipt.reason) == (Disposition.IGNORED, CONNECTED_ACCOUNT)


def test_a_sale_of_another_product_makes_no_session_ours() -> None:
    foreign = stripe.session(Generation.ENDIVE, sale_id=None, client_reference_id="sale_4711")
    receipt = read("checkout.session.completed", foreign, installation="inst_ours")
    assert receipt.disposition is Disposition.IGNORED
    assert receipt.sale_id is None


def test_a_subscription_names_its_prices_and_products_and_when_and_how_it_was_made() -> None:
    made = stripe.subscription(
        Generation.ENDIVE, sale_id=None, created=1_700_000_000, collection_method="send_invoice"
    )
    made["items"]["data"][0]["price"] = {"id": "price_1", "product": "prod_1", "metadata": {}}
    told = read("customer.subscription.created", made, installation="inst_ours").event
    assert isinstance(told, SubscriptionChanged)
    assert told.prices == ("price_1", "prod_1")
    assert told.created_at == datetime.fromtimestamp(1_700_000_000, UTC)
    assert told.by_invoice
    assert told.installation is None


def test_a_price_of_our_catalogue_marks_the_subscription_and_another_products_word_does_not() -> None:
    for product, installation in (("monitoring", "inst_ours"), (None, None)):
        made = stripe.subscription(Generation.ENDIVE, sale_id=None)
        words = {"egpay_installation": "inst_ours", **({"egpay_product": product} if product else {})}
        made["items"]["data"][0]["price"] = {"id": "price_1", "product": "prod_1", "metadata": words}
        told = read("customer.subscription.created", made, installation="inst_ours").event
        assert told is not None
        assert told.installation == installation
