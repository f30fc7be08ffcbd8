"""FastAPI, the stripe SDK and SQLAlchemy with a commit per event: what most teams write first."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.contenders import Contender, start, until_it_answers
from bench.corpus import SECRET
from bench.peers.venvs import python_with
from bench.setting import Setting
from egpay_local.tcp_ports import reserved

PACKAGES = ("fastapi==0.141.1", "uvicorn[standard]==0.54.0", "sqlalchemy[asyncio]>=2.0", "asyncpg", "stripe")
TABLE = "CREATE TABLE events (id text PRIMARY KEY, type text, created bigint, payload jsonb)"


@contextmanager
def plain_fastapi(setting: Setting) -> Iterator[Contender]:
    """Two processes of uvicorn, sixteen connections each."""
    python = python_with("fastapi", *PACKAGES)
    url = setting.fresh_database("plain_fastapi")
    setting.run_script("plain_fastapi", TABLE)
    app = Path(__file__).parents[1] / "apps" / "plain_fastapi.py"
    with reserved() as port:
        env = {"DATABASE": url, "SECRET": SECRET}
        child = start(setting, "plain-fastapi", [python, app, str(port.number), "2"], env)
        try:
            until_it_answers(child, f"http://127.0.0.1:{port.number}/docs")
            yield Contender(
                "plain FastAPI",
                "plain_fastapi",
                port.number,
                {"accept": child.pid},
                "SELECT count(*) FROM events",
                "TRUNCATE events",
            )
        finally:
            child.stop()
