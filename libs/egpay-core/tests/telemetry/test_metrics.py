"""What Prometheus reads: every response as the caller saw it, few series, and one sum for several processes."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from egpay.domain.case import CaseKind
from egpay.domain.errors import Outage
from egpay.domain.events import Source
from egpay.domain.values import MessageId
from egpay.ports.cases import OpenCases
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.outbox import Backlog
from egpay.telemetry.gauges import sample_cases, sample_consumers, sample_outbox
from egpay.telemetry.http import Message, ObservedApp, Receive, Scope, Send
from egpay.telemetry.metrics import Metrics
from egpay.telemetry.trace import current, trace_id
from egpay.testing.builders import moment

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def _request(path: str, *, method: str = "GET", traceparent: str | None = None) -> Scope:
    headers = [(b"traceparent", traceparent.encode())] if traceparent else []
    return {"type": "http", "method": method, "path": path, "headers": headers}


async def _nothing_received() -> Message:
    return {"type": "http.disconnect"}


async def _nothing_sent(message: Message) -> None: ...


class _Shop:
    """Answers as a framework does: it names the route only when it knows it."""

    def __init__(self) -> None:
        self.traces: list[str | None] = []

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.traces.append(current())
        match scope["path"]:
            case "/v1/sales/sale_1" | "/v1/sales/sale_2":
                scope["path_template"] = "/v1/sales/{sale_id}"
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": b"{}"})
            case "/broken":
                raise RuntimeError
            case _:
                await send({"type": "http.response.start", "status": 404, "headers": []})
                await send({"type": "http.response.body", "body": b""})


async def _get(app: ObservedApp, path: str, *, method: str = "GET", traceparent: str | None = None) -> None:
    await app(_request(path, method=method, traceparent=traceparent), _nothing_received, _nothing_sent)


async def test_responses_are_counted_by_route_and_status_never_by_path() -> None:
    metrics = Metrics()
    app = ObservedApp(_Shop(), metrics)
    for path in ("/v1/sales/sale_1", "/v1/sales/sale_2", "/wp-login.php", "/.env"):
        await _get(app, path)
    await _get(app, "/x", method="HOSTILE")
    text = metrics.render().decode()
    assert 'egpay_http_requests_total{method="GET",route="/v1/sales/{sale_id}",status="200"} 2.0' in text
    assert 'egpay_http_requests_total{method="GET",route="unmatched",status="404"} 2.0' in text
    assert 'egpay_http_requests_total{method="other",route="unmatched",status="404"} 1.0' in text
    assert "sale_1" not in text


async def test_an_application_that_breaks_counts_as_500() -> None:
    metrics = Metrics()
    with pytest.raises(RuntimeError):
        await _get(ObservedApp(_Shop(), metrics), "/broken")
    assert 'status="500"} 1.0' in metrics.render().decode()


async def test_a_request_is_worked_on_in_its_callers_trace() -> None:
    shop = _Shop()
    app = ObservedApp(shop, Metrics())
    await _get(app, "/v1/sales/sale_1", traceparent=CALLER)
    await _get(app, "/v1/sales/sale_1")
    await _get(app, "/v1/sales/sale_1", traceparent="nonsense")
    ids = [trace_id(trace) for trace in shop.traces]
    assert ids[0] == trace_id(CALLER)
    assert None not in ids
    assert len(set(ids)) == 3
    assert current() is None


async def test_what_is_no_request_passes_through() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    await ObservedApp(app, Metrics())({"type": "lifespan"}, _nothing_received, _nothing_sent)
    assert seen == ["lifespan"]


def test_two_sets_of_metrics_do_not_meet() -> None:
    one, other = Metrics(), Metrics()
    one.effects.labels("ship_devices", "done").inc()
    assert "ship_devices" not in other.render().decode()
    assert "process_cpu_seconds_total" in other.render().decode() or sys.platform != "linux"


def test_several_processes_answer_with_one_sum(tmp_path: Path) -> None:
    program = (
        "from egpay.telemetry.multiprocess import share_metrics\n"
        f"share_metrics({str(tmp_path)!r})\n"
        "from egpay.telemetry.metrics import Metrics\n"
        "metrics = Metrics()\n"
        "metrics.webhooks.labels('stripe', 'invoice.paid', 'accepted').inc(2)\n"
        "metrics.outbox_depth.set(7)\n"
        "print(metrics.render().decode())\n"
    )
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (
        'egpay_webhooks_total{disposition="accepted",source="stripe",type="invoice.paid"} 4.0' in done.stdout
    )
    assert "egpay_outbox_messages 7.0" in done.stdout


class _Outbox:
    """Away at the first look."""

    def __init__(self) -> None:
        self.looks = 0

    async def backlog(self) -> Backlog:
        self.looks += 1
        if self.looks == 1:
            raise Outage("the database is away")
        return Backlog(waiting=3, oldest_seconds=4.5)


async def test_what_waits_is_shown_as_soon_as_it_can_be_seen() -> None:
    metrics, outbox = Metrics(), _Outbox()

    async def lag() -> dict[str, int]:
        return {"reactions": 7}

    watching = [
        asyncio.create_task(sample_outbox(outbox, metrics, every=0.001)),
        asyncio.create_task(sample_consumers(lag, metrics, every=0.001)),
    ]
    async with asyncio.timeout(5):
        while outbox.looks < 3:
            await asyncio.sleep(0.001)
    for task in watching:
        task.cancel()
    text = metrics.render().decode()
    assert "egpay_outbox_messages 3.0" in text
    assert "egpay_outbox_oldest_seconds 4.5" in text
    assert 'egpay_consumer_lag_messages{consumer="reactions"} 7.0' in text


class _Cases:
    def __init__(self, *answers: dict[CaseKind, OpenCases]) -> None:
        self.answers = list(answers)

    async def open_cases(self) -> dict[CaseKind, OpenCases]:
        if len(self.answers) == 1:
            return self.answers[0]
        return self.answers.pop(0)


async def test_open_cases_are_counted_by_kind_and_a_kind_that_has_none_left_is_zero() -> None:
    metrics, first = Metrics(), {CaseKind.RETURN: OpenCases(count=2, oldest_seconds=90.0)}
    watching = asyncio.create_task(sample_cases(_Cases(first), metrics, every=60.0))
    await asyncio.sleep(0)
    text = metrics.render().decode()
    watching.cancel()
    assert 'egpay_cases{kind="return"} 2.0' in text
    assert 'egpay_cases_oldest_seconds{kind="return"} 90.0' in text
    assert text.count("egpay_cases{") == len(CaseKind)
    cases = _Cases(first, {})
    watching = asyncio.create_task(sample_cases(cases, metrics, every=0.001))
    async with asyncio.timeout(5):
        while 'egpay_cases{kind="return"} 0.0' not in metrics.render().decode():
            await asyncio.sleep(0.001)
    watching.cancel()


def test_a_webhook_that_is_delivered_again_is_a_webhook_and_no_further_dead_letter() -> None:
    metrics = Metrics(webhook_types=["shipment.shipped"])
    for _ in range(3):
        metrics.count_webhook(
            Receipt(
                source=Source.WAREHOUSE,
                event_id=MessageId("warehouse:msg_1"),
                type="shipment.shipped",
                body=b"{}",
                occurred_at=moment(),
                disposition=Disposition.PARKED,
            )
        )
    labels = {"source": "warehouse", "type": "shipment.shipped", "disposition": "parked"}
    assert metrics.registry.get_sample_value("egpay_webhooks_total", labels) == 3.0
    assert metrics.registry.get_sample_value("egpay_dead_letters_total", {"origin": "inbox"}) is None
