import signal

from egpay_system import DEADLINE
from killable_system import KillableSystem


def test_both_services_end_in_good_order_when_they_are_told_to(killable: KillableSystem) -> None:
    for name in ("checkout-api", "billing-worker"):
        child = killable.egpay.process(name)
        killable.kill(name, signal.SIGTERM)
        assert child.popen.wait(DEADLINE) == 0, child.last_lines()
        killable.revive(name)
