import pytest

from egpay.domain.values import email_key, is_sale_id

SALE = "sale_" + "a1" * 13


@pytest.mark.parametrize(
    "typed",
    [
        "jo@bücher.example",
        " JO@Bücher.Example ",
        "jo@xn--bcher-kva.example",
        "jo@bu\u0308cher.example",
        "jo@\uff42ücher.example",
        "jo@bücher。example",
    ],
)
def test_every_spelling_of_one_mailbox_has_one_key(typed: str) -> None:
    assert email_key(typed) == "jo@xn--bcher-kva.example"


def test_a_local_part_is_folded_and_never_encoded() -> None:
    assert email_key("Jo\u0308RG@Example.COM") == "jörg@example.com"


def test_a_sharp_s_in_a_domain_is_another_domain_than_two() -> None:
    assert email_key("jo@straße.example") == "jo@xn--strae-oqa.example"


@pytest.mark.parametrize("typed", ["jo@-ü-.example", "jo", "", "@", "jo@\u00ad"])
def test_what_is_no_address_has_a_key_all_the_same(typed: str) -> None:
    assert email_key(typed) == email_key(email_key(typed))


def test_only_the_full_shape_is_a_sale_of_ours() -> None:
    assert is_sale_id(SALE)
    for other in ("sale_4711", f"{SALE}x", SALE[:-1], SALE.upper(), f"{SALE}\n", f" {SALE}"):
        assert not is_sale_id(other)
