"""MIME message: text and HTML part under headers that decode to what was typed, and to nothing else.

`EmailMessage` reads back what is assigned to it: an encoded word (RFC 2047) within a name is decoded, and before
Python 3.11.10 and 3.12.5 (CVE-2024-6923) a line break that comes of it is written as it is. So a name became headers
and a body. Here each value is encoded by us, once, and nothing parses it: the older `email.message.Message` writes it.
"""

import hashlib
import re
from email.charset import QP, Charset
from email.errors import HeaderParseError
from email.header import Header
from email.headerregistry import Address, AddressHeader, HeaderRegistry
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.policy import compat32
from email.utils import format_datetime, parseaddr, quote

import idna

from egpay.domain.errors import Defect
from egpay.domain.printable import one_line
from egpay.ports.mail import Email, RecipientRefused

_POLICY = compat32.clone(linesep="\r\n", max_line_length=998)
"""Values are folded where they are encoded; an id or an address is one word, and stays behind its name."""
_LONGEST_LINE = 76
_LONGEST_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3 and its erratum 1690."""
_LONGEST_WORD = 60
"""A longer word is encoded, because only an encoded one can be folded."""

_ONE_MAILBOX = "a sender is one mailbox: Name <name@example.com>"
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~. -]{1,64}")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_ATOMS = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_ID_PART = re.compile(r"[A-Za-z0-9_.-]{1,120}")
_NO_ID = re.compile(r"[^A-Za-z0-9_.-]+")


def mailbox(text: str) -> Address:
    """Parse `EG <hello@example.com>` or the address alone (RFC 5322, 3.4).

    Anything else raises Defect, which does not quote it."""
    try:
        header = HeaderRegistry()("From", text if text.isprintable() else "")
    except (ValueError, IndexError, AttributeError, HeaderParseError):  # the parser raises all of these
        raise Defect(_ONE_MAILBOX) from None
    if not isinstance(header, AddressHeader) or header.defects or len(header.addresses) != 1:
        raise Defect(_ONE_MAILBOX)
    return recipient(header.addresses[0].addr_spec, name=one_line(header.addresses[0].display_name))


def recipient(addr_spec: str, *, name: str = "") -> Address:
    """Parse exactly one address, its domain in ASCII (RFC 5891), as it is the identity of an account.

    Anything else raises RecipientRefused, which does not quote it. So does a local part that is an encoded word, or
    that needs quotes for more than a blank: what mail servers and parsers make of those differs."""
    local, _, domain = addr_spec.rpartition("@")
    try:
        spelled = f"{local}@{_ascii(domain)}"
        address = Address(display_name=name, addr_spec=spelled)
    except (ValueError, IndexError, AttributeError, HeaderParseError):  # the parser raises all of these
        raise RecipientRefused("an e-mail address cannot be written into a header") from None
    if not _LOCAL_PART.fullmatch(address.username) or not _DOMAIN.fullmatch(address.domain):
        raise RecipientRefused("an e-mail address is not one that every mail server reads alike")
    if address.addr_spec != spelled or "=?" in spelled or len(spelled) > _LONGEST_ADDRESS:
        raise RecipientRefused("an e-mail address holds more than an address")
    if parseaddr(spelled) != ("", spelled):  # how the client library reads it for the envelope
        raise RecipientRefused("an e-mail address is read as another one")
    return address


def _ascii(domain: str) -> str:
    """The domain in ASCII; Python's own codec is of 2003 and makes another domain, `strasse`, of `straße`.

    It is still asked for what IDNA 2008 leaves out, such as a heart.
    """
    if not domain.isascii():
        try:
            return idna.encode(domain, uts46=True).decode()
        except idna.IDNAError:
            pass
    return domain.encode("idna").decode()


def message(letter: Email, *, sender: Address) -> Message:
    """Build the message; raises Defect when it cannot be addressed.

    `Auto-Submitted` (RFC 3834) asks auto-responders not to reply."""
    built = MIMEMultipart("alternative", policy=_POLICY)
    built["From"] = _named(sender)
    built["To"] = recipient(letter.to).addr_spec
    built["Subject"] = encoded(letter.subject, header="Subject")
    built["Date"] = format_datetime(letter.date)
    built["Message-ID"] = f"<{_message_id(letter.message_id)}>"
    built["Auto-Submitted"] = "auto-generated"
    built.attach(_part(letter.text, "plain"))
    built.attach(_part(letter.html, "html"))
    return built


def encoded(text: str, *, header: str) -> str:
    """Encode a text for a header so that decoding it (RFC 2047) gives `one_line(text)`.

    Plain ASCII stays readable, unless it holds what a reader would decode."""
    line = one_line(text)
    if line.isascii() and "=?" not in line and max(map(len, line.split()), default=0) <= _LONGEST_WORD:
        return line
    words = Header(line, charset="utf-8", header_name=header, maxlinelen=_LONGEST_LINE)
    return words.encode(linesep="\r\n")


def _named(sender: Address) -> str:
    """The mailbox with its display name; a quoted name is not enough, because readers decode within quotes."""
    name = one_line(sender.display_name)
    if not name:
        return sender.addr_spec
    written = encoded(name, header="From")
    if written == name and not _ATOMS.fullmatch(name):
        written = f'"{quote(name)}"'
    return f"{written} <{sender.addr_spec}>"


def _message_id(text: str) -> str:
    """The id in characters that need no quotes; one that had others stays distinct by its digest."""
    left, _, right = text.rpartition("@")
    if not _ID_PART.fullmatch(left):
        digest = hashlib.sha256(left.encode("utf-8", "replace")).hexdigest()[:16]
        left = f"{_NO_ID.sub('.', left)[:60].strip('.')}.{digest}"
    return f"{left}@{_NO_ID.sub('.', right)[:120].strip('.') or 'localhost'}"


def _part(text: str, subtype: str) -> Message:
    """One body, quoted-printable: lines of ASCII whatever they hold, so that no server has to recode them."""
    charset = Charset("utf-8")
    charset.body_encoding = QP
    part = Message(policy=_POLICY)
    part.add_header("Content-Type", f"text/{subtype}", charset="utf-8")
    part.set_payload(text, charset)
    return part
