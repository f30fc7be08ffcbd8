"""The events of a benchmark, made once and signed before each run: a thousand purchases, each told by three webhooks."""

import hashlib
import hmac
import time
from array import array
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.payloads import KINDS, template

SECRET = "whsec_benchbenchbenchbenchbenchbench"
SALES = """
    INSERT INTO sales (id, status, organisation, name, email, email_key, device_quantity, plan, total, currency,
                       checkout_session_id)
    SELECT id, 'in_progress', 'Harbour Cycling Club', 'Orla Byrne', email, email, 3, 'monitoring-monthly', 32700, 'eur',
           session
    FROM unnest($1::text[], $2::text[], $3::text[]) AS sale (id, email, session)
"""


def _name(prefix: str, number: int, length: int = 24) -> str:
    """An id in no order, as those of our sales and of Stripe's Checkout sessions are."""
    return prefix + hashlib.sha256(f"{prefix}{number}".encode()).hexdigest()[:length]


def _dated(prefix: str, number: int) -> str:
    """An id that begins with its time, as those of Stripe's other objects do (`1R6zx...` was made in March 2025, `1SRzq...`
    in November): a thousand to a second, and in no order within it."""
    return f"{prefix}1T{number // 1000:05d}{_name('', number, 17)}"


def event_id(number: int) -> str:
    """The id of an event by its place in the corpus."""
    return _dated("evt_", number)


@dataclass(frozen=True)
class Corpus:
    """Files that the load generator maps into its memory."""

    folder: Path
    count: int

    @cached_property
    def offsets(self) -> "array[int]":
        """Where each body begins in the file of bodies; one more than there are bodies."""
        found = array("q")
        found.frombytes((self.folder / "offsets").read_bytes())
        return found

    @cached_property
    def bodies(self) -> memoryview:
        """All bodies, one after another."""
        return memoryview((self.folder / "bodies").read_bytes())

    def sign(self, count: int, secret: str) -> str:
        """Sign the first events anew, for a receiver believes a signature for five minutes; return the time they bear."""
        at = str(int(time.time()))
        key, prefix, offsets, bodies = secret.encode(), f"{at}.".encode(), self.offsets, self.bodies
        signed = [
            hmac.digest(key, prefix + bodies[offsets[n] : offsets[n + 1]], "sha256").hex()
            for n in range(count)
        ]
        with (self.folder / "signatures").open("r+b") as out:
            out.write("".join(signed).encode())
        return at

    def sales(self) -> tuple[list[str], list[str], list[str]]:
        """Ids, e-mails and Checkout sessions of the sales that the events are about, for SALES."""
        numbers = range(self.count // 3)
        return (
            [_name("sale_", n, 26) for n in numbers],
            [f"orla+{n}@harbour.example" for n in numbers],
            [_name("cs_test_", n) for n in numbers],
        )


def corpus(folder: Path, count: int) -> Corpus:
    """The first `count` events, from the files of an earlier benchmark if they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    shape = hashlib.sha256("".join([*map(template, KINDS), event_id(0)]).encode()).hexdigest()
    stamp = folder / "stamp"
    if not (stamp.exists() and stamp.read_text() == f"{shape} {count}"):
        _write(folder, count)
        stamp.write_text(f"{shape} {count}")
    return Corpus(folder, count)


def _write(folder: Path, count: int) -> None:
    templates = [template(kind) for kind in KINDS]
    offsets = array("q", [0])
    with (folder / "bodies").open("wb") as out:
        for n in range(count):
            body = _filled(templates[n % 3], n).encode()
            offsets.append(offsets[-1] + len(body))
            out.write(body)
    (folder / "offsets").write_bytes(offsets.tobytes())
    (folder / "signatures").write_bytes(b"0" * 64 * count)


def _filled(text: str, number: int) -> str:
    purchase = number // 3
    names = {
        "event": event_id(number),
        "sale": _name("sale_", purchase, 26),
        "session": _name("cs_test_", purchase),
        "subscription": _dated("sub_", purchase),
        "invoice": _dated("in_", purchase),
        "customer": _name("cus_", purchase, 14),
        "n": f"{purchase:08d}",
    }
    for name, value in names.items():
        text = text.replace(f"@{name}@", value)
    return text
