"""dj-stripe 2.11 as fast as it gets: the webhook is verified and stored, its event is left for later."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench.contenders import Contender, start, until_it_answers
from bench.corpus import SECRET
from bench.peers.venvs import python_with
from bench.setting import Setting
from egpay_local import environment
from egpay_local.tcp_ports import reserved

PACKAGES = ("dj-stripe==2.11.0", "django>=5.2,<5.3", "gunicorn", "psycopg[binary]")


@contextmanager
def dj_stripe(setting: Setting) -> Iterator[Contender]:
    """gunicorn, two processes of sixteen threads."""
    python = python_with("djstripe", *PACKAGES)
    url = urlsplit(setting.fresh_database("djstripe"))
    database = {
        "NAME": "djstripe",
        "USER": url.username,
        "PASSWORD": url.password,
        "HOST": url.hostname,
        "PORT": url.port,
    }
    env = {"SECRET": SECRET, **{f"DB_{name}": str(value) for name, value in database.items()}}
    here = Path(__file__).parent
    path = subprocess.run(
        [python, here / "dj_stripe_site.py"],
        env={**environment.inherited(), **env},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    with reserved() as port:
        options: list[str | Path] = [
            "--chdir",
            here,
            "--workers",
            "2",
            "--threads",
            "16",
            "--worker-class",
            "gthread",
            "--log-level",
            "error",
        ]
        command: list[str | Path] = [
            python,
            "-m",
            "gunicorn",
            "-b",
            f"127.0.0.1:{port.number}",
            *options,
            "dj_stripe_site:application",
        ]
        child = start(setting, "dj-stripe", command, env)
        try:
            until_it_answers(child, f"http://127.0.0.1:{port.number}{path}")
            yield Contender(
                "dj-stripe, storing only",
                "djstripe",
                port.number,
                {"accept": child.pid},
                "SELECT count(*) FROM djstripe_webhookeventtrigger",
                "TRUNCATE djstripe_webhookeventtrigger CASCADE",
                path=path,
            )
        finally:
            child.stop()
