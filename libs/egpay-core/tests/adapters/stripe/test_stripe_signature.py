"""What counts as a word of Stripe's, and that nothing else breaks the door."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egpay.adapters.stripe.inbound.signature import verify
from egpay.ports.webhooks import BadSignature
from egpay.testing.stripe_events import SECRET, signature

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BODY = b'{"id":"evt_one"}'
GOOD = signature(BODY, at=NOW)
TIME, V1, V0 = GOOD.split(",")


def check(header: str | None, *, body: bytes = BODY, secrets: tuple[str, ...] = (SECRET,)) -> None:
    verify(body, header, [secret.encode() for secret in secrets], now=NOW.timestamp())


def refuses(header: str | None, *, body: bytes = BODY, secrets: tuple[str, ...] = (SECRET,)) -> None:
    with pytest.raises(BadSignature):
        check(header, body=body, secrets=secrets)


def test_a_signature_by_our_secret_is_believed() -> None:
    check(GOOD)


def test_the_previous_secret_is_believed_while_it_is_being_rolled() -> None:
    check(signature(BODY, at=NOW, secret="whsec_old"), secrets=(SECRET, "whsec_old"))


def test_one_fitting_signature_among_several_is_enough() -> None:
    check(f"{TIME},v1={'0' * 64},{V1}")


def test_a_header_with_spaces_after_its_commas_is_read() -> None:
    check(GOOD.replace(",", ", "))


def test_the_false_scheme_of_test_events_is_no_signature() -> None:
    refuses(f"{TIME},{V1.replace('v1', 'v0')}")


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_between_the_clocks_are_forgiven_both_ways(seconds: int) -> None:
    check(signature(BODY, at=NOW + timedelta(seconds=seconds)))


@pytest.mark.parametrize("seconds", [-301, 301, -86_400, 86_400])
def test_more_than_five_minutes_are_not(seconds: int) -> None:
    refuses(signature(BODY, at=NOW + timedelta(seconds=seconds)))


def test_one_changed_byte_of_the_body_is_noticed() -> None:
    refuses(GOOD, body=BODY + b" ")


def test_without_secrets_nobody_is_believed() -> None:
    refuses(GOOD, secrets=())


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        ",",
        "t=",
        "=",
        V1,
        TIME,
        f"{TIME},v1=",
        f"t=,{V1}",
        f"t=-1,{V1}",
        f"t=1_000,{V1}",
        f"t=١٢٣,{V1}",
        f"t={'9' * 400},{V1}",
        f"{TIME},{TIME},{V1}",
        f"{TIME},t=1,{V1}",
        f"{TIME},v1=é{'0' * 63}",
        f"{TIME},v1=\udcff",
        GOOD + "\x00é",
        GOOD + ",v1=" + "0" * 5_000,
        "\n".join([TIME, V1]),
    ],
)
def test_a_hostile_header_is_a_bad_signature_and_no_other_error(header: str | None) -> None:
    refuses(header)


@settings(deadline=None)
@given(st.text(), st.binary())
def test_no_text_at_all_in_the_header_breaks_the_door(header: str, body: bytes) -> None:
    refuses(header, body=body)


@settings(deadline=None)
@given(st.lists(st.sampled_from([TIME, V1[:-1] + "!", V0, "t", "v1", "=", "t=0", "v1=é"])))
def test_no_order_of_almost_right_parts_is_believed(parts: list[str]) -> None:
    refuses(",".join(parts))
