"""What customers of the billing portal may switch between: subscriptions on sale, as many products as Stripe takes."""

from egpay.adapters.stripe.outbound.billing_portal import KnownConfiguration, switching
from egpay.domain.catalogue import Interval, SoldPrice
from egpay.domain.values import ProductId


def sold(name: str, *, of: str | None = None, interval: Interval | None = Interval.MONTH) -> SoldPrice:
    return SoldPrice(
        id=f"price_{name}",
        product=ProductId(name),
        stripe_product=of or f"prod_{name}",
        amount=1900,
        currency="eur",
        interval=interval,
        installation="inst_1",
    )


def test_subscriptions_are_offered_and_devices_are_not() -> None:
    feature = switching([sold("monthly"), sold("sensor", interval=None)])
    assert feature == {
        "enabled": True,
        "default_allowed_updates": ["price", "quantity"],
        "proration_behavior": "create_prorations",
        "products": [{"product": "prod_monthly", "prices": ["price_monthly"]}],
    }


def test_prices_of_one_product_are_offered_together() -> None:
    offers = [sold("monthly", of="prod_1"), sold("yearly", of="prod_1", interval=Interval.YEAR)]
    assert switching(offers)["products"] == [
        {"product": "prod_1", "prices": ["price_monthly", "price_yearly"]}
    ]


def test_no_more_products_are_offered_than_stripe_takes() -> None:
    offers = [sold(f"plan_{number}") for number in range(12)] + [sold("more", of="prod_plan_0")]
    products = switching(offers)["products"]
    assert len(products) == 10
    assert products[0]["prices"] == ["price_plan_0", "price_more"]


def test_where_no_subscription_is_on_sale_nothing_can_be_switched() -> None:
    assert switching([sold("sensor", interval=None)]) == {"enabled": False}


def test_an_installation_takes_its_own_configuration_or_one_from_before_there_were_several() -> None:
    own = KnownConfiguration("bpc_1", {"egpay": "billing-portal", "egpay_installation": "inst_1"})
    old = KnownConfiguration("bpc_2", {"egpay": "billing-portal"})
    strange = KnownConfiguration("bpc_3", {})
    assert [one.is_of("inst_1") for one in (own, old, strange)] == [True, True, False]
    assert not own.is_of("inst_2")
