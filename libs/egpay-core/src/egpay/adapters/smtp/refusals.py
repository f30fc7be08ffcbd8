"""SMTP refusals: decides from a reply of the mail server whom it refuses, and so who must act.

    us                login, TLS, our sender address, our quota, our network     MailServerRefusesUs, an Outage
    the recipient     550 to 553 at RCPT, a full mailbox                         RecipientRefused, a Defect
    the e-mail        any other 5xx                                              Defect
    nothing yet       4xx, no answer, no connection                              Outage

A refusal of us meets every e-mail alike. It must not dead-letter a day of them, so they wait until it is repaired, and
that needs an alarm. The server's words are never shown, because they may quote an address.
"""

import re
import ssl
from typing import Literal, TypeAlias

import aiosmtplib

from egpay.domain.errors import Defect, Outage, RefusedByProvider
from egpay.ports.mail import RecipientRefused

Reason: TypeAlias = Literal["connection", "tls", "login", "sender", "quota", "policy"]
"""What the server refuses of us; the label of `egpay_mail_refusals_total`."""

_LOGIN = frozenset({530, 534, 535, 538})
"""RFC 4954 and RFC 3207: log in first, a weak or unknown mechanism, wrong credentials, encrypt first."""
_ENTRY = frozenset({521, 523, 525, 571})
"""The server takes no mail from this client (RFC 7504), or not by this account."""
_SENDER = frozenset({"1.7", "1.8", "7.60"})
"""Our sender's address is malformed, unknown or not ours to use (RFC 3463; the last is Exchange Online's)."""
_QUOTA = frozenset({"4.5"})
"""Google's word for a day's limit of an account; nothing else says it with a 5."""
_COMMANDS: tuple[tuple[type[aiosmtplib.SMTPResponseException], Reason], ...] = (
    (aiosmtplib.SMTPConnectResponseError, "connection"),
    (aiosmtplib.SMTPHeloError, "connection"),
    (aiosmtplib.SMTPAuthenticationError, "login"),
    (aiosmtplib.SMTPSenderRefused, "sender"),
)
"""What any other 5xx to a command refuses; the one that the library has no class for is STARTTLS."""
_DETAIL = re.compile(r"[45]\.(\d{1,3}\.\d{1,3})\b")


class MailServerRefusesUs(RefusedByProvider):
    """Outage: the mail server takes nothing from us until an operator repairs login, sender, TLS or quota."""

    def __init__(self, reason: Reason, code: int | None = None) -> None:
        """Take what is refused, and the code of the reply where there was one."""
        shown = f", {code}" if code is not None else ""
        super().__init__(f"the mail server refuses us ({reason}{shown})", status=code or 0)
        self.reason, self.code = reason, code


def explain(fault: aiosmtplib.SMTPException | OSError) -> Outage | Defect:
    """Map what the client library raised to an error by who must act."""
    match fault:
        case aiosmtplib.SMTPRecipientsRefused():
            return _replied(fault.recipients[0])
        case aiosmtplib.SMTPResponseException():
            return _replied(fault)
        case aiosmtplib.SMTPNotSupported():
            return MailServerRefusesUs("login")
        case _ if type(fault) is aiosmtplib.SMTPException:  # it offers no login, or none that we know
            return MailServerRefusesUs("login")
        case _ if isinstance(fault, ssl.SSLError) or isinstance(fault.__cause__, ssl.SSLError):
            return MailServerRefusesUs("tls")
    never_reached = isinstance(fault, aiosmtplib.SMTPConnectError | ConnectionRefusedError)
    return Outage(f"the mail server is out of reach: {type(fault).__name__}", undone=never_reached)


def _replied(fault: aiosmtplib.SMTPResponseException) -> Outage | Defect:
    reason = _refused_of_us(fault)
    if reason is not None:
        return MailServerRefusesUs(reason, fault.code)
    if fault.code >= 500:
        refused = RecipientRefused if isinstance(fault, aiosmtplib.SMTPRecipientRefused) else Defect
        return refused(f"the mail server refuses the letter for good ({_codes(fault)})")
    return Outage(f"the mail server does not take the letter now ({_codes(fault)})", undone=fault.code > 0)


def _codes(fault: aiosmtplib.SMTPResponseException) -> str:
    """Its codes, which are all that is kept of its reply: `550 5.1.1`."""
    found = _DETAIL.match(fault.message)
    return f"{fault.code} {found[0]}" if found else str(fault.code)


def _refused_of_us(fault: aiosmtplib.SMTPResponseException) -> Reason | None:
    """What of us is refused, by the command it answers, its code and its enhanced code (RFC 3463)."""
    code, detail = fault.code, _detail(fault)
    if _is_quota(fault, detail):
        return "quota"
    if code < 500:
        return None
    if code in _LOGIN:
        return "tls" if code == 530 and "starttls" in fault.message.lower() else "login"
    if detail in _SENDER:
        return "sender"
    return _by_command(fault, detail)


def _by_command(fault: aiosmtplib.SMTPResponseException, detail: str) -> Reason | None:
    if isinstance(fault, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError):
        relay_denied = isinstance(fault, aiosmtplib.SMTPRecipientRefused) and fault.code == 554
        return "policy" if fault.code in _ENTRY or (relay_denied and detail.startswith("7.")) else None
    return next((reason for kind, reason in _COMMANDS if isinstance(fault, kind)), "tls")


def _is_quota(fault: aiosmtplib.SMTPResponseException, detail: str) -> bool:
    """Whether our quota is used up; after the e-mail it may be the recipient's, or the e-mail too large."""
    if detail in _QUOTA:
        return True
    full = fault.code in (452, 552)
    of_another = detail.startswith("2.") or detail == "3.4"
    return full and (
        isinstance(fault, aiosmtplib.SMTPSenderRefused)
        or (isinstance(fault, aiosmtplib.SMTPDataError) and not of_another)
    )


def _detail(fault: aiosmtplib.SMTPResponseException) -> str:
    found = _DETAIL.match(fault.message)
    return found[1] if found else ""
