"""Settings of the letter commands, apart because checking templates takes a template engine to load."""

from typing import Annotated, Literal

import msgspec

from egpay import setting_checks
from egpay.adapters.smtp.letters import check_letters
from egpay.adapters.smtp.message import mailbox, recipient
from egpay.settings import BaseUrl


class LetterSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What `egpay emails` words its previews with, as the worker does; samples of all that is not given."""

    mail_from: Annotated[str, mailbox] = "EG <hello@example.com>"
    """Sender of our e-mails."""
    storefront_url: BaseUrl = "https://shop.example"
    """Where the links of letters lead."""
    public_url: BaseUrl = "https://api.example"
    """Where the links of checkout-api lead."""
    seller_name: Annotated[str, setting_checks.words] | None = None
    """Who signs the letters."""
    seller_email: Annotated[str, recipient] | None = None
    """Where buyers write to."""
    seller_address: Annotated[str, setting_checks.words] | None = None
    """Postal address in one line."""
    withdrawal_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 14
    """Days after an order in which it can be withdrawn from."""
    sells_to: Literal["consumers", "businesses"] = "consumers"
    """Where only `businesses` are sold to, no letter says how to withdraw."""
    email_language: Annotated[str, setting_checks.language] = "en"
    """Language of a letter where the order names none."""
    email_templates: Annotated[str, check_letters] | None = None
    """Folder of texts and layouts that override those in the box."""
    mails_off: tuple[str, ...] = ()
    """Kinds of letters that are not sent."""
