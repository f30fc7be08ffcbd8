"""E-mail templates: renders the files beside this one, and escapes every value a person typed."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from egpay.domain.account import INVITATION_LIFETIME
from egpay.domain.errors import Defect
from egpay.domain.portal_link import LINK_LIFETIME
from egpay.domain.printable import LONGEST_NAME, one_line
from egpay.ports.mail import Email

_TEMPLATES = Path(__file__).parent / "templates"


class JinjaEmailTemplates:
    """Port `EmailTemplates` over Jinja: `.subject.j2`, `.txt.j2` and `.html.j2` for each e-mail."""

    def __init__(self, storefront_url: str, public_url: str) -> None:
        """`storefront_url` and, of links to the billing portal, `public_url` are where the links lead."""
        self._storefront = storefront_url.rstrip("/")
        self._public = public_url.rstrip("/")
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
        )

    def introduction(
        self, *, to: str, name: str, organisation: str, token: str, message_id: str, date: datetime
    ) -> Email:
        """The first e-mail to an admin, its token in the link's fragment, which browsers do not send."""
        values = {
            "name": one_line(name, longest=LONGEST_NAME),
            "organisation": one_line(organisation, longest=LONGEST_NAME),
            "link": f"{self._storefront}/invitation#token={quote(token, safe='')}",
            "days": INVITATION_LIFETIME.days,
        }
        return self._letter("introduction", values, to=to, message_id=message_id, date=date)

    def organisation_added(
        self, *, to: str, name: str, organisation: str, message_id: str, date: datetime
    ) -> Email:
        """The e-mail about a further organisation; its link leads to the storefront."""
        values = self._named(name, organisation)
        return self._letter("organisation_added", values, to=to, message_id=message_id, date=date)

    def account_used_again(
        self, *, to: str, name: str, organisation: str, message_id: str, date: datetime
    ) -> Email:
        """The e-mail about an account that is used again; its link leads to the storefront."""
        values = self._named(name, organisation)
        return self._letter("account_used_again", values, to=to, message_id=message_id, date=date)

    def payment_failed(self, *, to: str, name: str, message_id: str, date: datetime) -> Email:
        """The e-mail about a failed delayed payment; its link leads to the storefront."""
        values = {"name": one_line(name, longest=LONGEST_NAME), "link": self._storefront}
        return self._letter("payment_failed", values, to=to, message_id=message_id, date=date)

    def payment_reminder(
        self, *, to: str, name: str, attempt: int, invoice_url: str, message_id: str, date: datetime
    ) -> Email:
        """The e-mail about a failed renewal; its link leads to the provider's page of the invoice."""
        values = {
            "name": one_line(name, longest=LONGEST_NAME),
            "attempt": attempt,
            "link": _web_address(invoice_url),
        }
        return self._letter("payment_reminder", values, to=to, message_id=message_id, date=date)

    def portal_link(self, *, to: str, token: str, message_id: str, date: datetime) -> Email:
        """The e-mail with a link to the billing portal; it names no person, because anybody may ask for it."""
        values = {
            "link": f"{self._public}/v1/billing-portal/sessions/{quote(token, safe='')}",
            "minutes": int(LINK_LIFETIME.total_seconds() // 60),
        }
        return self._letter("portal_link", values, to=to, message_id=message_id, date=date)

    def _named(self, name: str, organisation: str) -> Mapping[str, object]:
        return {
            "name": one_line(name, longest=LONGEST_NAME),
            "organisation": one_line(organisation, longest=LONGEST_NAME),
            "link": self._storefront,
        }

    def _letter(
        self, template: str, values: Mapping[str, object], *, to: str, message_id: str, date: datetime
    ) -> Email:
        return Email(
            to=to,
            subject=one_line(self._render(f"{template}.subject.j2", values)),
            text=self._render(f"{template}.txt.j2", values),
            html=self._render(f"{template}.html.j2", values),
            message_id=message_id,
            date=date,
        )

    def _render(self, template: str, values: Mapping[str, object]) -> str:
        return self._environment.get_template(template).render(values)


def _web_address(url: str) -> str:
    """A link that leads to a page and does nothing else; it comes from a provider's answer."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Defect("a link in an e-mail is not a URL") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or not url.isprintable() or " " in url:
        raise Defect("a link in an e-mail is not the address of a web page")
    return url
