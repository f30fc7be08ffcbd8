"""What is set wrong about letters stops the worker at its start, with words that say what is possible."""

from pathlib import Path

import pytest

from billing_worker.settings import BillingWorkerSettings
from egpay.domain.letters import LetterKind
from egpay.settings import SettingsError, from_env

GIVEN = {
    "DATABASE_URL": "postgresql://egpay@127.0.0.1/egpay",
    "NATS_URL": "nats://127.0.0.1:4222",
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STOREFRONT_URL": "https://shop.example",
    "PUBLIC_URL": "https://api.example",
    "SMTP_URL": "smtp://mail.example",
    "MAIL_FROM": "EG <hello@eg.example>",
    "WAREHOUSE_URL": "https://warehouse.example",
    "WAREHOUSE_SECRET": "whsec_bWluZW1pbmVtaW5l",
}


def settings(**env: str) -> BillingWorkerSettings:
    return from_env(BillingWorkerSettings, {**GIVEN, **env})


def test_kinds_of_letters_are_switched_off_by_their_names() -> None:
    assert settings().mails_off == ()
    assert settings(MAILS_OFF="payment_retry, shipped").mails_off == (
        LetterKind.PAYMENT_RETRY,
        LetterKind.SHIPPED,
    )


@pytest.mark.parametrize("text", ["payment_reminder", "shipped,", "all", "Shipped"])
def test_what_is_no_kind_of_letter_is_refused_with_the_kinds_there_are(text: str) -> None:
    with pytest.raises(
        SettingsError, match=r"MAILS_OFF: (names what is no kind.* last_notice|is a list with)"
    ):
        settings(MAILS_OFF=text)


def test_every_fault_about_letters_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "de.toml").write_text("[shipped]\nsubject = '{{ nothing }}'\n")
    with pytest.raises(SettingsError) as refused:
        settings(EMAIL_TEMPLATES=str(tmp_path), EMAIL_LANGUAGE="German", SELLER_EMAIL="no mailbox")
    faults = str(refused.value)
    assert "EMAIL_TEMPLATES: its texts cannot be worded: de.toml [shipped]" in faults
    assert "EMAIL_LANGUAGE: must be a language" in faults
    assert "SELLER_EMAIL: " in faults
