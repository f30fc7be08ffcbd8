"""@stripe/sync-engine 1.0.32: Stripe's own mirror of an account in PostgreSQL. No ledger of events, no reaction."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.contenders import Contender, start, until_it_answers
from bench.corpus import SECRET
from bench.payloads import KINDS, template
from bench.setting import FOLDER, Setting
from egpay_local.tcp_ports import reserved

NAME = "@stripe/sync-engine"
PACKAGES = ("@stripe/sync-engine@1.0.32", "fastify@5", "pg@8")
TABLES = ("subscriptions", "invoices", "checkout_sessions")
_FORGET = (
    "TRUNCATE stripe.subscriptions, stripe.subscription_items, stripe.invoices, stripe.checkout_sessions"
)


@contextmanager
def sync_engine(setting: Setting) -> Iterator[Contender]:
    """Two processes, ten connections each, no call to Stripe."""
    home = _installed()
    url = setting.fresh_database("sync_engine")
    spec = home / "spec.json"
    spec.write_text(json.dumps(_spec()))
    env = {"DATABASE": url, "SECRET": SECRET}
    migrated = start(
        setting, "sync-migrate", ["node", home / "sync_engine.mjs", "migrate", spec], env, cwd=home
    )
    if migrated.popen.wait(60) != 0:
        raise RuntimeError(f"{NAME} does not migrate:\n{migrated.last_lines(30)}")
    with reserved() as port:
        command: list[str | Path] = ["node", home / "sync_engine.mjs", "serve", str(port.number), "2"]
        child = start(setting, "sync-engine", command, env, cwd=home)
        try:
            until_it_answers(child, f"http://127.0.0.1:{port.number}/")
            counted = " + ".join(f"(SELECT count(*) FROM stripe.{table})" for table in TABLES)
            yield Contender(
                NAME, "sync_engine", port.number, {"accept": child.pid}, f"SELECT {counted}", _FORGET
            )
        finally:
            child.stop()


def _installed() -> Path:
    home = FOLDER / "peers" / "sync"
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).with_name("sync_engine.mjs"), home)
    if not (home / "node_modules" / "@stripe" / "sync-engine").exists():
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
        subprocess.run(command, cwd=home, check=True, capture_output=True, timeout=300)
    return home


def _spec() -> dict[str, Any]:
    """An OpenAPI document of the objects that come: the engine makes a column of each property, and would fetch Stripe's
    whole document from GitHub."""
    objects = [json.loads(template(kind))["data"]["object"] for kind in KINDS]
    item = objects[1]["items"]["data"][0]
    schemas = {
        each["object"].replace(".", "_"): {
            "x-resourceId": each["object"],
            "type": "object",
            "properties": {name: {"type": _type(value), "nullable": True} for name, value in each.items()},
        }
        for each in (*objects, item)
    }
    return {"openapi": "3.0.0", "info": {"version": "bench"}, "paths": {}, "components": {"schemas": schemas}}


def _type(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "string"
