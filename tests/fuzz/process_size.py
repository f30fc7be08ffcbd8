"""Memory check: how much memory a process holds, before and after malformed input."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from egpay_system import EgpaySystem


def resident(egpay: EgpaySystem, name: str = "checkout-api") -> int:
    """Returns the bytes of main memory that a program holds (proc(5), VmRSS)."""
    status = Path(f"/proc/{egpay.process(name).pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


@contextmanager
def growth(egpay: EgpaySystem, *, at_most: int) -> Iterator[None]:
    """Fails if the block makes checkout-api grow by more than so many bytes, or ends it."""
    before = resident(egpay)
    yield
    grown = resident(egpay) - before
    assert grown <= at_most, f"grown by {grown / 1e6:.0f} MB"
    assert egpay.browser.get(f"{egpay.api}/livez").status_code == 200
