"""Configuration: every setting of a sandbox's start in one value that tests can write by hand."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Config:
    """Settings from the command line, secrets from the environment. Delays are seconds; ports may be 0 (any free one)."""

    host: str = "127.0.0.1"
    port: int = 8020
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8025
    public_url: str = "http://127.0.0.1:8020"
    data: Path | None = None
    webhook_url: str | None = "http://127.0.0.1:8000/webhooks/stripe"
    webhook_secret: str = "whsec_sandboxsandboxsandboxsandbox00"  # noqa: S105 - a published demo value
    warehouse_secret: str = "whsec_c2FuZGJveC13YXJlaG91c2Utc2VjcmV0LTMyYnl0ZXM="  # noqa: S105 - likewise
    app_secret: str = "whsec_c2FuZGJveC1wcm9kdWN0LXNlY3JldC0zMmJ5dGVzISE="  # noqa: S105 - likewise
    warehouse_callback: str = "http://127.0.0.1:8000/webhooks/warehouse"
    retry_base: float = 1.0
    retry_longest: float = 300.0
    delivery_timeout: float = 10.0
    delivery_limit: int = 16
    checkout_wait: float = 10.0
    aftermath_delay: float = 1.0
    shipping_delay: float = 1.0
    seed: int | None = None
