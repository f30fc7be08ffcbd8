"""A sandbox on a free port for every test, the real SDK to talk to it, a receiver that hears what it tells."""

import contextlib
import inspect
import types
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, ForwardRef, Literal, Union, get_args, get_origin

import httpx
import pytest
import stripe
from stripe import ListObject, StripeObject
from stripe._stripe_object import UntypedStripeObject

from egpay_sandbox.config import Config
from egpay_sandbox.delivery.http_sender import tls_context
from egpay_sandbox.testing.receiver import ReceivedWebhook, WebhookReceiver
from egpay_sandbox.testing.running_sandbox import RunningSandbox, running_sandbox
from egpay_sandbox.testing.serving import free_socket, served

stripe.enable_telemetry = False

_LIST_KEYS = {"object", "data", "has_more", "url", "total_count"}
_NONE = type(None)

CONFIG = Config(
    webhook_secret="whsec_test_secret",
    retry_base=0.02,
    delivery_timeout=2.0,
    checkout_wait=0.6,
    aftermath_delay=0.0,
    shipping_delay=0.0,
)


def verified(heard: ReceivedWebhook) -> Any:
    """The event, once the SDK's own verifier has accepted it."""
    signature = heard.headers["stripe-signature"]
    return stripe.Webhook.construct_event(heard.body, signature, CONFIG.webhook_secret).to_dict()


class Wire(stripe.HTTPClient):
    """The SDK's way out over httpx: its own hands httpx raw bytes in a way that httpx deprecates."""

    name = "httpx"

    def __init__(self, seconds: float = 5.0) -> None:
        super().__init__()
        self.httpx = httpx.AsyncClient(timeout=seconds, trust_env=False, verify=tls_context())

    async def request_async(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        try:
            answer = await self.httpx.request(method, url, headers=headers, content=post_data)
        except httpx.HTTPError as error:
            raise stripe.APIConnectionError(str(error)) from error  # type: ignore[no-untyped-call]
        return answer.content, answer.status_code, answer.headers

    async def sleep_async(self, secs: float) -> None:
        raise AssertionError(f"the tests never retry, but were to wait {secs} s")

    async def close_async(self) -> None:
        await self.httpx.aclose()


@pytest.fixture
async def impatient(sandbox: RunningSandbox) -> AsyncIterator[stripe.StripeClient]:
    """A client that waits for a tenth of a second only."""
    wire = Wire(0.1)
    yield client(sandbox, wire)
    await wire.close_async()


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    sock, url = free_socket()
    heard = WebhookReceiver(url, parse=verified)
    async with served(heard, sock):
        yield heard


@pytest.fixture
def config() -> Config:
    return CONFIG


@contextlib.asynccontextmanager
async def connected(sandbox: RunningSandbox) -> AsyncIterator[None]:
    """The SDK, talking to this sandbox."""
    wire = Wire()
    sandbox.stripe = client(sandbox, wire)
    yield
    await wire.close_async()


@pytest.fixture
def connect() -> Any:
    return connected


@pytest.fixture
async def sandbox(receiver: WebhookReceiver) -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(CONFIG, receiver) as running, connected(running):
        yield running


def client(sandbox: RunningSandbox, wire: Wire) -> stripe.StripeClient:
    return stripe.StripeClient(
        "sk_test_sandbox", base_addresses={"api": sandbox.url}, max_network_retries=0, http_client=wire
    )


@pytest.fixture
def faults() -> Callable[[type, dict[str, Any], str], list[str]]:
    """Compares an object with the SDK's annotated class, as deep as it goes."""
    return compare


def compare(cls: type, value: dict[str, Any], path: str = "") -> list[str]:
    """Keys the class does not declare, required keys that are missing, values of another type."""
    declared = _fields(cls)
    found = [f"{path}.{key} is not declared by {cls.__qualname__}" for key in value if key not in declared]
    found += [
        f"{path}.{key} is required by {cls.__qualname__}"
        for key, hint in declared.items()
        if _NONE not in _options(hint) and key not in value
    ]
    for key, part in value.items():
        if key in declared:
            found += _mismatch(declared[key], part, f"{path}.{key}")
    return found


@cache
def _fields(cls: type) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for parent in reversed(cls.__mro__):
        if issubclass(parent, StripeObject) and parent is not StripeObject:
            fields |= inspect.get_annotations(parent)
    return {key: hint for key, hint in fields.items() if get_origin(hint) is not ClassVar}


def _options(hint: Any) -> list[Any]:
    if isinstance(hint, str):
        return _options(ForwardRef(hint))
    if get_origin(hint) in (Union, types.UnionType):
        return [option for part in get_args(hint) for option in _options(part)]
    return [hint]


def _mismatch(hint: Any, value: Any, path: str) -> list[str]:
    options = _options(hint)
    if value is None:
        return [] if _NONE in options else [f"{path} is null but required"]
    problems = [_against(option, value, path) for option in options if option is not _NONE]
    return min(problems, key=len, default=[])


def _against(option: Any, value: Any, path: str) -> list[str]:
    if isinstance(option, ForwardRef):
        option = getattr(stripe, option.__forward_arg__, None)
    origin = get_origin(option)
    if origin is ListObject:
        return _list_faults(get_args(option)[0], value, path)
    if origin is list and isinstance(value, list):
        part = get_args(option)[0]
        return [fault for n, v in enumerate(value) for fault in _mismatch(part, v, f"{path}[{n}]")]
    if isinstance(option, type) and issubclass(option, StripeObject) and option is not UntypedStripeObject:
        return compare(option, value, path) if isinstance(value, dict) else [f"{path} is no object"]
    return [] if _fits(option, origin, value) else [f"{path} is {value!r}, not {option}"]


def _fits(option: Any, origin: Any, value: Any) -> bool:
    if origin is Literal:
        return value in get_args(option)
    if UntypedStripeObject in (origin, option):
        return isinstance(value, dict)
    if option is Decimal:
        return isinstance(value, str)
    return (
        isinstance(option, type) and isinstance(value, option) and (option is bool) == isinstance(value, bool)
    )


def _list_faults(part: Any, value: Any, path: str) -> list[str]:
    if not isinstance(value, dict) or value.get("object") != "list" or not value.keys() <= _LIST_KEYS:
        return [f"{path} is no list object"]
    return [fault for n, row in enumerate(value["data"]) for fault in _mismatch(part, row, f"{path}[{n}]")]
