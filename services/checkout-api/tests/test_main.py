"""The console script: from the environment alone, up in a moment, gone without a loss."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

PROGRAM = Path(sys.executable).parent / "checkout-api"


def cpu_seconds(pid: int) -> float:
    """What all its threads computed, in user and kernel mode (proc_pid_stat(5))."""
    user, kernel = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(kernel)) / os.sysconf("SC_CLK_TCK")


def seconds_queued_for_a_cpu(pid: int) -> float:
    """How long its first thread could run and others ran instead; 0 where the kernel does not measure it."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except FileNotFoundError:
        return 0.0


def environment(database_url: str, nats_url: str) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": database_url,
        "NATS_URL": nats_url,
        "STRIPE_SECRET_KEY": "sk_test_unused",
        "STRIPE_WEBHOOK_SECRETS": "whsec_new,whsec_old",
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "STOREFRONT_URL": "http://127.0.0.1:8030",
        "WAREHOUSE_SECRET": "whsec_dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0",
        "PORT": "0",
    }


@pytest.mark.integration
def test_a_wrong_environment_is_told_whole_and_ends_with_2() -> None:
    wrong = {
        "PATH": "/usr/bin:/bin",
        "PORT": "http",
        "STRIPE_SECRET_KEY": "sk_live_secret",
        "PUBLIC_URL": "nowhere",
    }
    ended = subprocess.run([PROGRAM], env=wrong, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    told = set(re.findall(r"[A-Z][A-Z_]+(?=: )", ended.stderr))
    assert {"DATABASE_URL", "NATS_URL", "PORT", "PUBLIC_URL", "STOREFRONT_URL", "WAREHOUSE_SECRET"} <= told
    assert "sk_live_secret" not in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr


def test_it_is_ready_within_two_seconds_and_leaves_with_0(database_url: str, nats_url: str) -> None:
    began = time.monotonic()
    started = subprocess.Popen(
        [PROGRAM], env=environment(database_url, nats_url), stdout=subprocess.PIPE, text=True
    )
    assert started.stdout
    with started, started.stdout as lines:
        line = next(text for text in lines if "listening" in text)
        url = re.findall(r"http://[\d.]+:\d+", line)[0]
        ready = httpx.get(f"{url}/readyz", timeout=30)
        seconds = time.monotonic() - began
        used, queued = cpu_seconds(started.pid), seconds_queued_for_a_cpu(started.pid)
        os.kill(started.pid, signal.SIGTERM)
        assert started.wait(60) == 0
    assert ready.json() == {
        "status": "ok",
        "checks": {"database": "ok", "background": "ok", "broker": "ok"},
    }
    assert used < 2.0, "it computes less than that until it is ready, however busy the machine is"
    assert seconds - queued < 4.0, "and waits little for its servers: 2 s in all on an idle machine"


@pytest.mark.integration
def test_it_starts_while_everything_is_away_and_says_so_and_still_knows_a_stranger() -> None:
    nobody = environment("postgresql://nobody:secret@127.0.0.1:1/none", "nats://127.0.0.1:1")
    started = subprocess.Popen([PROGRAM], env=nobody, stdout=subprocess.PIPE, text=True)
    assert started.stdout
    with started, started.stdout as lines:
        line = next(text for text in lines if "listening" in text)
        with httpx.Client(base_url=re.findall(r"http://[\d.]+:\d+", line)[0], timeout=10) as client:
            assert client.get("/livez").status_code == 200
            ready = client.get("/readyz")
            refused = client.get("/v1/products")
            too_large = client.post("/webhooks/stripe", content=(b" " * 65_536 for _ in range(17)))
            stranger = client.post(
                "/webhooks/stripe", content=b"{}", headers={"stripe-signature": "t=1,v1=0"}
            )
        os.kill(started.pid, signal.SIGTERM)
        rest = lines.read()
        assert started.wait(60) == 0
    assert (ready.status_code, set(ready.json()["checks"])) == (503, {"database", "broker", "background"})
    assert (refused.status_code, too_large.status_code, stranger.status_code) == (503, 413, 400)
    assert "secret" not in rest
