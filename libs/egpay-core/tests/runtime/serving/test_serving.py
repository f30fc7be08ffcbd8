"""Real processes: a service answers, drains and leaves with 0, and nobody is orphaned, starved or flooded."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

SHOP = """
import asyncio, json, os

def create():
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            if "WAIT" in globals(): await asyncio.sleep(WAIT)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            print("tidied up", flush=True)
            await send({"type": "lifespan.shutdown.complete"})
            return
        path, body = scope["path"], b""
        if path == "/slow":
            await asyncio.sleep(1)
        if path == "/count":
            more = True
            while more:
                message = await receive()
                body += message.get("body", b"")
                more = message.get("more_body", False)
        if path == "/much":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"z" * 50_000_000})
            return
        if path == "/crash":
            os._exit(9)
        answer = {"pid": os.getpid(), "scheme": scope["scheme"], "client": scope["client"][0], "read": len(body)}
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
    return app

def break_down():
    raise RuntimeError("no database at postgresql://egpay:hunter2@db/egpay")

def hurry():
    from egpay.runtime.serving.http import BoundedHttp
    BoundedHttp.head_seconds = BoundedHttp.body_seconds = 0.3
    BoundedHttp.timeout_keep_alive = property(lambda self: 0.3, lambda self, configured: None)
    return create()

def observed():
    import asyncio
    from egpay.runtime.serving.http import BoundedHttp
    from egpay.telemetry.http import ObservedApp
    from egpay.telemetry.metrics import Metrics
    BoundedHttp.malformed.interval = 0.5
    metrics = Metrics()
    shop = create()

    async def app(scope, receive, send):
        if scope["type"] == "http" and scope["path"] == "/metrics":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": metrics.render()})
        else:
            await shop(scope, receive, send)

    return ObservedApp(app, metrics)

def wait_for_ever():
    globals()["WAIT"] = 3600
    return create()
"""


class Service:
    """One running service, its log, and where it listens."""

    def __init__(self, home: Path, factory: str = "shop:create", **options: Any) -> None:
        (home / "shop.py").write_text(SHOP)
        arguments = {"service": "shop", "host": "127.0.0.1", "port": 0, **options}
        program = f"import sys; from egpay.runtime import serving; sys.exit(serving.run({factory!r}, **{arguments!r}))"
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=home,
            env={"PYTHONPATH": str(home), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)

    def until(self, said: str, times: int = 1) -> dict[str, Any]:
        """The log line in which it said this."""

        def found() -> list[str]:
            return [line for line in self.lines if said in line]

        _wait(lambda: len(found()) >= times, lambda: f"never said {said!r}:\n{''.join(self.lines)}")
        line: dict[str, Any] = json.loads(found()[times - 1]) if found()[0].startswith("{") else {}
        return line

    @property
    def port(self) -> int:
        return int(self.until('"listening"')["url"].rpartition(":")[2])

    def get(self, path: str = "/", **headers: str) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers=headers)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
            return answer
        finally:
            connection.close()

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """The exit code after a signal."""
        self.process.send_signal(how)
        code = self.process.wait(20)
        self._reader.join(10)
        return code


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    services: list[Service] = []

    def starting(**options: Any) -> Service:
        services.append(Service(tmp_path, **options))
        return services[-1]

    yield starting
    for service in services:
        if service.process.poll() is None:
            service.end(signal.SIGKILL)
        assert service.process.stdout is not None
        service._reader.join(20)
        service.process.stdout.close()


def _wait(true: Callable[[], bool], otherwise: Callable[[], str], within: float = 20.0) -> None:
    until = time.monotonic() + within
    while not true():
        assert time.monotonic() < until, otherwise()
        time.sleep(0.01)


def _open_connections(service: Service) -> int:
    """How many connections it holds, its listening socket apart."""
    links = Path(f"/proc/{service.process.pid}/fd").iterdir()
    mine = {link.readlink().name for link in links if link.is_symlink()}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(f"socket:[{row[9]}]" in mine and row[3] != "0A" for row in rows)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_answered_before_the_service_leaves_with_0(
    start: Callable[..., Service], workers: int, how: signal.Signals
) -> None:
    service = start(workers=workers)
    port = service.port
    answers: list[dict[str, Any]] = []
    asking = threading.Thread(target=lambda: answers.append(service.get("/slow")))
    asking.start()
    time.sleep(0.3)
    assert service.end(how) == 0
    asking.join(10)
    assert len(answers) == 1
    assert sum("tidied up" in line for line in service.lines) == workers
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_one_line_about_listening_names_the_real_port(
    start: Callable[..., Service], workers: int
) -> None:
    service = start(workers=workers)
    assert service.get()["pid"] > 0
    service.end()
    assert sum('"listening"' in line for line in service.lines) == 1
    assert [json.loads(line)["service"] for line in service.lines if line.startswith("{")] == ["shop"]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_server_does_not_advertise_itself(start: Callable[..., Service], workers: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", start(workers=workers).port, timeout=10)
    connection.request("GET", "/")
    response = connection.getresponse()
    assert response.getheader("server") is None
    assert response.getheader("date") is not None
    connection.close()


def test_a_signal_during_the_start_is_obeyed_with_0(start: Callable[..., Service]) -> None:
    service = start(factory="shop:wait_for_ever")
    time.sleep(0.8)
    began = time.monotonic()
    assert service.end() == 0
    assert time.monotonic() - began < 5


def test_a_taken_port_is_said_in_one_line(start: Callable[..., Service]) -> None:
    first = start()
    second = start(port=first.port)
    assert second.process.wait(20) == 1
    line = second.until("cannot listen")
    assert line["port"] == first.port
    assert len(second.lines) == 1


def test_an_application_that_cannot_start_ends_the_service_with_a_masked_error(
    start: Callable[..., Service],
) -> None:
    service = start(factory="shop:break_down")
    assert service.process.wait(20) not in (0, None)
    service._reader.join(10)
    text = "".join(service.lines)
    assert "no database" in text
    assert "hunter2" not in text


def _workers(service: Service, count: int) -> set[int]:
    pids: set[int] = set()

    def all_seen() -> bool:
        pids.add(service.get()["pid"])
        return len(pids) >= count

    _wait(all_seen, lambda: f"only {pids} answer")
    return pids


def test_workers_share_the_port_and_a_crashed_one_is_replaced(start: Callable[..., Service]) -> None:
    service = start(workers=2)
    with pytest.raises((http.client.HTTPException, OSError)):
        service.get("/crash")
    service.until("worker ended and is replaced")
    pids = _workers(service, 2)
    assert service.end() == 0
    assert not any(_alive(pid) for pid in pids)


def test_workers_do_not_outlive_a_killed_parent(start: Callable[..., Service]) -> None:
    service = start(workers=2)
    pids = _workers(service, 2)
    service.process.kill()
    _wait(lambda: not any(_alive(pid) for pid in pids), lambda: "orphans are left")


def test_only_trusted_proxies_are_believed(start: Callable[..., Service]) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    alone, behind = start(), start(trusted_proxies="127.0.0.1")
    assert start(trusted_proxies="10.0.0.0/8").get(**forged)["client"] == "127.0.0.1"
    assert (alone.get(**forged)["client"], alone.get(**forged)["scheme"]) == ("127.0.0.1", "http")
    assert (behind.get(**forged)["client"], behind.get(**forged)["scheme"]) == ("203.0.113.9", "https")


def _answer_to(port: int, *parts: bytes, within: float = 10.0) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=within) as talk:
        try:
            for part in parts:
                talk.sendall(part)
            seen = talk.recv(65536)
            while seen.startswith(b"HTTP/1.1 200") and not seen.endswith(b"0\r\n\r\n"):
                seen += talk.recv(65536)
        except ConnectionError:
            return b""
        return seen


def test_endless_headers_are_cut_off(start: Callable[..., Service]) -> None:
    port = start().port
    begin = b"GET / HTTP/1.1\r\nhost: shop\r\n"
    many = [b"x-%d: %s\r\n" % (number, b"y" * 1000) for number in range(200)]
    assert _answer_to(port, begin, *many)[:12] in (b"HTTP/1.1 431", b"")
    assert _answer_to(port, begin + b"x: ", *[b"y" * 10_000] * 20)[:12] in (b"HTTP/1.1 431", b"")
    assert _answer_to(port, b"GET /", *[b"y" * 10_000] * 20)[:12] in (b"HTTP/1.1 431", b"")
    assert _answer_to(port, begin + b"x: " + b"y" * 30_000 + b"\r\n\r\n")[:12] == b"HTTP/1.1 200"


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HTTP/1.1\r\nhost: sh",
        b"POST /count HTTP/1.1\r\nhost: shop\r\ncontent-length: 10\r\n\r\nzzz",
        b"GET / HTTP/1.1\r\nhost: shop\r\n\r\nGET / HTTP/1.1\r\nhost",
        b"GET / HTTP/1.1\r\nhost: shop\r\n\r\n",
    ],
)
def test_who_never_ends_a_request_or_begins_no_other_is_hung_up_on(
    start: Callable[..., Service], begun: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", start(factory="shop:hurry").port), timeout=5) as talk:
        talk.sendall(begun)
        while talk.recv(65536):
            continue


def test_a_request_without_end_is_cut_off(start: Callable[..., Service]) -> None:
    port = start().port
    trailers = b"POST /count HTTP/1.1\r\nhost: shop\r\ntransfer-encoding: chunked\r\n\r\n0\r\n"
    assert _answer_to(port, trailers, *[b"x: " + b"y" * 60_000 + b"\r\n"] * 400) == b""
    many = b"GET /slow HTTP/1.1\r\nhost: shop\r\n\r\n"
    assert _answer_to(port, *[many * 1000] * 5) == b""


def test_who_takes_no_answers_is_hung_up_on(start: Callable[..., Service]) -> None:
    service = start(factory="shop:hurry")
    with socket.create_connection(("127.0.0.1", service.port), timeout=5) as talk:
        talk.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        talk.sendall(b"GET /much HTTP/1.1\r\nhost: shop\r\n\r\n")
        _wait(lambda: not _open_connections(service), lambda: "the connection is still there")


def test_who_waits_for_a_slow_answer_is_not_hung_up_on(start: Callable[..., Service]) -> None:
    assert start(factory="shop:hurry").get("/slow")["read"] == 0


def test_a_large_body_in_small_and_large_pieces_arrives_whole(start: Callable[..., Service]) -> None:
    port = start().port
    head = b"POST /count HTTP/1.1\r\nhost: shop\r\ncontent-length: 900000\r\n\r\n"
    for piece in (b"z" * 1000, b"z" * 300_000):
        assert b'"read": 900000' in _answer_to(port, head, *[piece] * (900_000 // len(piece)))


def test_pipelined_and_repeated_requests_on_one_connection_are_answered(
    start: Callable[..., Service],
) -> None:
    port = start().port
    request = b"GET / HTTP/1.1\r\nhost: shop\r\nx: " + b"y" * 20_000 + b"\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as talk:
        for together in (1, 1, 1, 4):
            talk.sendall(request * together)
            seen = b""
            while seen.count(b"0\r\n\r\n") < together:
                seen += talk.recv(65536)
            assert seen.count(b"HTTP/1.1 200") == together


def _malformed_lines(service: Service) -> list[dict[str, Any]]:
    return [json.loads(line) for line in service.lines if "malformed requests" in line]


def test_what_is_not_http_is_answered_400_and_its_thousands_are_a_few_lines_with_their_number(
    start: Callable[..., Service],
) -> None:
    service = start(factory="shop:observed")
    port = service.port
    odd = (
        b"\x16\x03\x01 TLS here\r\n\r\n",
        b"GET  / HTTP/9.9\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nhost: s\r\n\r\n",
    )
    began = time.monotonic()
    for number in range(300):
        assert _answer_to(port, odd[number % len(odd)]).startswith(b"HTTP/1.1 400")
    took = time.monotonic() - began
    _wait(
        lambda: sum(line["count"] for line in _malformed_lines(service)) == 300,
        lambda: "some are not reported",
    )
    assert _malformed_lines(service)[0]["count"] == 1
    assert len(_malformed_lines(service)) <= 2 + took / 0.5 + 1
    assert sum("listening" not in line for line in service.lines) == len(_malformed_lines(service))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics")
    assert b"egpay_http_malformed_total 300.0" in connection.getresponse().read()
    connection.close()


def test_a_request_to_speak_another_protocol_is_answered_over_http_and_logged_nowhere(
    start: Callable[..., Service],
) -> None:
    service = start()
    upgrade = b"GET / HTTP/1.1\r\nhost: shop\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    assert _answer_to(service.port, upgrade).startswith(b"HTTP/1.1 200")
    service.end()
    assert [line for line in service.lines if "grade" in line or "WebSocket" in line] == []


def test_a_body_that_nobody_reads_is_not_kept_in_memory(start: Callable[..., Service]) -> None:
    service = start()
    pid = service.get()["pid"]
    talks = [socket.create_connection(("127.0.0.1", service.port), timeout=1) for _ in range(20)]
    before = _resident(pid)
    for talk in talks:
        talk.sendall(b"POST /slow HTTP/1.1\r\nhost: shop\r\ncontent-length: 50000000\r\n\r\n")
        talk.settimeout(0.05)
        try:
            for _ in range(100):
                talk.sendall(b"z" * 100_000)
        except TimeoutError:
            continue
    grown = _resident(pid) - before
    for talk in talks:
        talk.close()
    assert grown < 40_000_000


def _resident(pid: int) -> int:
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
