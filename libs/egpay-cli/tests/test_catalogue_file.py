"""A catalogue file with a fault changes nothing, and says in which row and field it is."""

from pathlib import Path
from typing import Any

import pytest
from egpay_system import CATALOGUE

from egpay.domain.catalogue import Interval, Kind
from egpay_cli.catalogue_file import MalformedFile, read_catalogue

DEVICE: dict[str, Any] = {"id": "a", "kind": "device", "name": "A", "unit_amount": 100, "currency": "eur"}
PLAN: dict[str, Any] = {**DEVICE, "id": "p", "kind": "subscription", "interval": "month"}


def written(path: Path, *rows: dict[str, Any], head: str = "") -> Path:
    def literal(value: object) -> str:
        return repr(value).lower() if isinstance(value, bool) else repr(value)

    tables = ("\n".join(["[[product]]", *(f"{key} = {literal(row[key])}" for key in row)]) for row in rows)
    path.write_text("\n".join((head, *tables)))
    return path


def faults_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(MalformedFile) as malformed:
        read_catalogue(path)
    return malformed.value.faults


@pytest.mark.parametrize(
    ("row", "change", "field", "words"),
    [
        (PLAN, {"interval": None}, "interval", "a subscription has one"),
        (DEVICE, {"unit_amount": -100}, "unit_amount", "whole number from 0"),
        (DEVICE, {"unit_amount": 1.5}, "unit_amount", "whole number"),
        (DEVICE, {"unit_amount": True}, "unit_amount", "whole number"),
        (DEVICE, {"unit_amount": 100_000_000}, "unit_amount", "whole number"),
        (DEVICE, {"currency": "EUR"}, "currency", "lower case"),
        (DEVICE, {"currency": "zzz"}, "currency", "ISO 4217"),
        (DEVICE, {"currency": "banana"}, "currency", "ISO 4217"),
        (DEVICE, {"currency": "kwd", "unit_amount": 1505}, "unit_amount", "multiple of 10"),
        (DEVICE, {"currency": "isk", "unit_amount": 4950}, "unit_amount", "multiple of 100"),
        (DEVICE, {"interval": "month"}, "interval", "subscriptions only"),
        (DEVICE, {"trial_days": 3}, "trial_days", "subscriptions only"),
        (DEVICE, {"interval_count": 1}, "interval_count", "subscriptions only"),
        (PLAN, {"interval": "fortnight"}, "interval", "one of day, week, month, year"),
        (PLAN, {"interval_count": 0}, "interval_count", "whole number from 1"),
        (PLAN, {"interval_count": 37}, "interval_count", "at most 36"),
        (PLAN, {"trial_days": 731}, "trial_days", "from 0 to 730"),
        (DEVICE, {"id": ""}, "id", "1 to 64"),
        (DEVICE, {"id": "a b"}, "id", "1 to 64"),
        (DEVICE, {"id": "a\\n"}, "id", "1 to 64"),
        (DEVICE, {"id": None}, "id", "is missing"),
        (DEVICE, {"kind": "service"}, "kind", "one of device, subscription"),
        (DEVICE, {"kind": ["device"]}, "kind", "one of"),
        (DEVICE, {"name": " "}, "name", "visible"),
        (DEVICE, {"name": 3}, "name", "a text"),
        (DEVICE, {"description": "x" * 1001}, "description", "1 to 1000"),
        (DEVICE, {"tax_code": "books"}, "tax_code", "eight digits"),
        (DEVICE, {"image": "ftp://x/y.png"}, "image", "https://"),
        (DEVICE, {"image": "../y.png"}, "image", "beside the store's pages"),
        (DEVICE, {"image": "/img/y.png"}, "image", "beside the store's pages"),
        (DEVICE, {"stripe_price": "../x"}, "stripe_price", "an id at Stripe"),
        (DEVICE, {"stripe_product": ""}, "stripe_product", "an id at Stripe"),
        (DEVICE, {"price": 3}, "price", "no key of a product"),
    ],
)
def test_a_fault_is_named_by_row_and_field(
    tmp_path: Path, row: dict[str, Any], change: dict[str, Any], field: str, words: str
) -> None:
    faulty = {key: value for key, value in {**row, **change}.items() if value is not None}
    [fault] = faults_of(written(tmp_path / "c.toml", {**DEVICE, "id": "sound"}, faulty))
    assert fault.startswith("product 2")
    assert f", {field}: " in fault
    assert words in fault


def test_every_fault_of_every_row_is_named_at_once(tmp_path: Path) -> None:
    rows = ({**DEVICE, "unit_amount": -5, "currency": "banana"}, {**PLAN, "interval": "x", "id": "a"})
    assert faults_of(written(tmp_path / "c.toml", *rows)) == (
        "product 1 ('a'), unit_amount: must be a whole number from 0 to 99999999",
        "product 1 ('a'), currency: must be the ISO 4217 code of a currency that Stripe charges in, such as eur",
        "product 2 ('a'), interval: must be one of day, week, month, year",
        "product 2 ('a'), id: is that of product 1, too",
    )


def test_two_products_cannot_adopt_one_price(tmp_path: Path) -> None:
    rows = ({**DEVICE, "stripe_price": "price_1"}, {**PLAN, "stripe_price": "price_1"})
    assert faults_of(written(tmp_path / "c.toml", *rows)) == (
        "product 2 ('p'), stripe_price: is that of product 1, too",
    )


@pytest.mark.parametrize(
    "text", ["", "product = 1", "product = []", "product = [1]", "[product]\nid = 'a'", "not toml"]
)
def test_a_file_without_products_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.toml").write_text(text)
    assert len(faults_of(tmp_path / "c.toml")) == 1


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in faults_of(tmp_path / "none.toml")[0]
    (tmp_path / "c.toml").write_bytes(b"\xff\xfe")
    assert "cannot be read" in faults_of(tmp_path / "c.toml")[0]


def test_an_unknown_table_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "c.toml", DEVICE, head="[shop]\nname = 'x'")
    assert faults_of(path) == ("shop: is no key of a catalogue; it holds [[product]] tables",)


def test_a_sound_file_is_read_in_its_order_with_what_may_be_left_out(tmp_path: Path) -> None:
    full = {
        **PLAN,
        "interval_count": 3,
        "trial_days": 14,
        "tax_code": "txcd_10103001",
        "image": "https://x.test/a.png",
    }
    device, plan = read_catalogue(written(tmp_path / "c.toml", DEVICE, full))
    assert (device.id, device.kind, device.description, device.interval) == ("a", Kind.DEVICE, "", None)
    assert (plan.interval, plan.interval_count, plan.trial_days) == (Interval.MONTH, 3, 14)
    assert (plan.tax_code, plan.image) == ("txcd_10103001", "https://x.test/a.png")


def test_the_demonstration_is_sound() -> None:
    assert [entry.id for entry in read_catalogue(CATALOGUE)] == [
        "sensor",
        "gateway",
        "monitoring-monthly",
        "monitoring-yearly",
    ]
