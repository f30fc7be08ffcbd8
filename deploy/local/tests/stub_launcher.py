"""`make up` with stand-ins: real servers, the real launcher, and small programs in place of the services.

python stub_launcher.py STATE_DIR [serve | fall | refuse | mute]
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from egpay_local import main, paths, up
from egpay_local.nats import Nats
from egpay_local.paths import Paths
from egpay_local.plan import InlineStep, Plan, Ports, ServiceProcess, Task
from egpay_local.postgres import Postgres
from egpay_local.start_settings import StartSettings

SERVE = "import sys, http.server as h; h.test(h.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind='127.0.0.1')"
FALL = "import time; time.sleep(0.3); print('the last words', flush=True); raise SystemExit(3)"


@dataclass(frozen=True)
class StubSystem:
    """Two services, one task and one deed around real servers."""

    ports: Ports
    database: Postgres
    broker: Nats
    mode: str

    def plan(self) -> Plan:
        api = _url(self.ports.api)
        first = ServiceProcess("first", _python(SERVE, self.ports.api), (api,))
        worker = _url(self.ports.worker)
        second = {
            "fall": ServiceProcess("second", _python(FALL), ()),
            "mute": ServiceProcess("second", _python("import time; time.sleep(60)"), (worker,), deadline=0.5),
            "serve": ServiceProcess("second", _python(SERVE, self.ports.worker), (worker,)),
        }
        task = "print('not today'); raise SystemExit(4)" if self.mode == "refuse" else "print('done')"
        return (
            first,
            Task("task", _python(task)),
            InlineStep("inline", self.database.url),
            second.get(self.mode, first),
        )

    def urls(self) -> dict[str, str]:
        return {
            "first": _url(self.ports.api),
            "PostgreSQL": self.database.url_without_password,
            "NATS": self.broker.url_without_password,
        }

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database.url("postgres"),
            "NATS_URL": self.broker.url("egpay_operator"),
            "ODD": "it's",
        }


def _python(code: str, *arguments: object) -> tuple[str, ...]:
    return (
        sys.executable,
        "-u",
        "-c",
        code,
        *map(str, arguments),
        sys.argv[1],
    )  # how the tests know it as ours


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _build(ports: Ports, database: Postgres, broker: Nats, _: Paths, __: StartSettings) -> StubSystem:
    return StubSystem(ports, database, broker, mode=sys.argv[2])


if __name__ == "__main__":
    sys.exit(main.reporting(lambda: up.up(paths.prepare(Path(sys.argv[1])), _build)))
