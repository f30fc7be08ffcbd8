"""MIME message: builds a text and an HTML part, with headers safe from injection."""

from email.errors import HeaderParseError
from email.headerregistry import Address, AddressHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP

from egpay.domain.errors import Defect
from egpay.ports.mail import Email


def mailbox(text: str) -> Address:
    """Parse `EG <hello@example.com>` or the address alone (RFC 5322, 3.4).

    Anything else raises Defect, which does not quote it."""
    header = HeaderRegistry()("From", text if text.isprintable() else "")
    if not isinstance(header, AddressHeader) or header.defects or len(header.addresses) != 1:
        raise Defect("a sender is one mailbox: Name <name@example.com>")
    return recipient(header.addresses[0].addr_spec, name=header.addresses[0].display_name)


def recipient(addr_spec: str, *, name: str = "") -> Address:
    """Parse exactly one address, its domain in ASCII (RFC 5891).

    Anything else raises Defect, which does not quote it."""
    local, _, domain = addr_spec.rpartition("@")
    try:
        address = Address(display_name=name, addr_spec=f"{local}@{domain.encode('idna').decode()}")
    except (ValueError, IndexError, AttributeError, HeaderParseError):  # the parser raises all of these
        raise Defect("an e-mail address cannot be written into a header") from None
    if not address.username or not address.domain:
        raise Defect("an e-mail address lacks a half")
    return address


def message(letter: Email, *, sender: Address) -> EmailMessage:
    """Build the message; raises Defect when it cannot be addressed.

    `Auto-Submitted` (RFC 3834) asks auto-responders not to reply."""
    built = EmailMessage(policy=SMTP)
    built["From"] = sender
    built["To"] = recipient(letter.to)
    built["Subject"] = one_line(letter.subject)
    built["Date"] = letter.date
    built["Message-ID"] = f"<{one_line(letter.message_id)}>"
    built["Auto-Submitted"] = "auto-generated"
    built.set_content(letter.text)
    built.add_alternative(letter.html, subtype="html")
    return built


def one_line(text: str) -> str:
    """Strip line breaks and other control characters, which would begin a header of their own."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
