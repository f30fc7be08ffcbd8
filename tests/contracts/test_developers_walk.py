"""A store's developer: with a client generated from the description of the API he sells, and follows the order."""

import json
import secrets
import shutil
import subprocess
from pathlib import Path

import pytest
from egpay_system import EgpaySystem
from test_purchase import press

from egpay_local.paths import CHECKOUT

HERE = Path(__file__).parent
TOOLS = CHECKOUT / ".egpay" / "web"
GENERATE = ("openapi-ts", "--input", "openapi.json", "--output", "client", "--no-log-file", "--silent")


@pytest.fixture(scope="module")
def program(egpay: EgpaySystem) -> Path:
    """The walk, compiled with the client that comes of what this system says of itself."""
    run(CHECKOUT, "/bin/sh", str(HERE / "tools.sh"))
    folder = TOOLS / "walk"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "openapi.json").write_text(
        egpay.browser.get(f"{egpay.api}/openapi.json").raise_for_status().text
    )
    shutil.copy(HERE / "walk.ts", folder)
    shutil.copy(HERE / "walk.tsconfig.json", folder / "tsconfig.json")
    run_tool(folder, *GENERATE)
    run_tool(folder, "tsc")
    return folder / "built" / "walk.js"


def run_tool(folder: Path, name: str, *arguments: str) -> None:
    run(folder, str(TOOLS / "node_modules" / ".bin" / name), *arguments)


def run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_generated_client_sells_and_follows_the_order_to_parcel_account_and_invoice(
    egpay: EgpaySystem, program: Path
) -> None:
    email = f"orla.{secrets.token_hex(4)}@harbour.example"
    command = ["node", str(program), egpay.api, email]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as walking:
        assert walking.stdout is not None
        checkout_url = walking.stdout.readline().strip()
        if checkout_url:
            press(egpay, checkout_url, "pay", email="accounts@harbour.example")
        said, complaints = walking.communicate(timeout=90)
    assert walking.returncode == 0, complaints
    end = json.loads(said)
    assert (end["status"], end["parcel"]) == ("paid", "shipped")
    assert end["invoice"].startswith(egpay.sandbox)
