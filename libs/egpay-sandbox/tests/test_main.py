"""The command itself: quick to start, quick to stop, and it remembers."""

import asyncio
import signal
import sys
from pathlib import Path
from time import monotonic

import httpx
import pytest

from egpay_sandbox.main import main
from egpay_sandbox.signing_secrets import from_environment
from egpay_sandbox.testing.serving import free_socket


async def started(port: int, data: Path) -> asyncio.subprocess.Process:
    command = [
        "-c",
        "import sys; from egpay_sandbox.main import main; sys.exit(main())",
        *("--port", str(port), "--smtp-port", "0", "--public-url", f"http://127.0.0.1:{port}"),
        *("--data", str(data), "--webhook-url", "http://127.0.0.1:9/nobody"),
    ]
    process = await asyncio.create_subprocess_exec(sys.executable, *command)
    async with asyncio.timeout(10), httpx.AsyncClient(trust_env=False) as http:
        while True:
            try:
                await http.get(f"http://127.0.0.1:{port}/livez")
            except httpx.TransportError:
                await asyncio.sleep(0.02)
            else:
                return process


async def test_state_survives_a_restart_and_a_signal_means_exit_0(tmp_path: Path) -> None:
    sock, url = free_socket()
    port = int(url.rpartition(":")[2])
    sock.close()
    headers = {"Authorization": "Bearer sk_test_x"}
    process = await started(port, tmp_path)
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as http:
        made = (await http.post("/v1/customers", data={"email": "kept@example.com"})).json()
        begun = monotonic()
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        assert monotonic() - begun < 2
    process = await started(port, tmp_path)
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as http:
        assert (await http.get(f"/v1/customers/{made['id']}")).json() == made
        deliveries = (await http.get("/sandbox/deliveries")).json()
        assert [d["type"] for d in deliveries] == ["customer.created"]
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 0


def test_signing_secrets_come_from_the_environment_or_a_file_and_never_from_an_argument(
    tmp_path: Path,
) -> None:
    (tmp_path / "secret").write_text("whsec_mounted\n")
    given = {
        "SANDBOX_WEBHOOK_SECRET": "whsec_given",
        "SANDBOX_WAREHOUSE_SECRET_FILE": f"{tmp_path}/secret",
        "SANDBOX_APP_SECRET": "whsec_product",
    }
    found = from_environment(given)
    assert found == {
        "webhook_secret": "whsec_given",
        "warehouse_secret": "whsec_mounted",
        "app_secret": "whsec_product",
    }
    assert from_environment({}) == {}
    with pytest.raises(SystemExit):
        main(["--webhook-secret", "whsec_typed"])
