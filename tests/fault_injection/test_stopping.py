from pathlib import Path

from egpay_system import DEADLINE, running_system


def test_both_services_end_in_good_order_when_they_are_told_to(
    database_url: str, nats_url: str, tmp_path: Path
) -> None:
    with running_system(database_url, nats_url, tmp_path) as egpay:
        for name in ("checkout-api", "billing-worker"):
            child = egpay.process(name)
            child.expected_to_end = True
            child.popen.terminate()
            assert child.popen.wait(DEADLINE) == 0, child.last_lines()
