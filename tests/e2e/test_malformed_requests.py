import re
import socket
from urllib.parse import urlsplit

from egpay_system import EgpaySystem, until


def counted(egpay: EgpaySystem, service: str) -> float:
    numbers = egpay.browser.get(f"{service}/metrics").text
    return sum(map(float, re.findall(r"^egpay_http_malformed_total (.*)$", numbers, re.MULTILINE)))


def send(service: str, data: bytes) -> bytes:
    where = urlsplit(service)
    with socket.create_connection((where.hostname, where.port), timeout=30) as talk:
        talk.sendall(data)
        return talk.recv(65536)


def test_what_is_not_http_is_counted_by_both_services_and_is_one_line_in_their_logs(
    egpay: EgpaySystem,
) -> None:
    for name, service in (("checkout-api", egpay.api), ("billing-worker", egpay.worker)):
        before = counted(egpay, service)
        for _ in range(50):
            assert send(service, b"\x16\x03\x01 a TLS hello\r\n\r\n").startswith(b"HTTP/1.1 400")
        until(lambda: counted(egpay, service) == before + 50, what="they are not counted")  # noqa: B023
        log = (egpay.supervisor.logs / f"{name}.log").read_text()
        assert log.count("malformed requests") in (1, 2)
        assert "Invalid HTTP request" not in log
