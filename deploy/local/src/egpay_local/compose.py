"""egpay in containers as seen from this machine: whoever ran `docker compose up` can `make demo` at once."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 600.0


class ComposeFailed(Exception):
    """`docker compose` did not do what it was told; the message ends with its last words."""


@dataclass(frozen=True, slots=True)
class Compose:
    """The system of one checkout's compose.yaml; `env` is given to docker whole, `project` sets it apart from others."""

    checkout: Path
    env: Mapping[str, str]
    project: str | None = None

    def command(self, *arguments: str) -> list[str]:
        """What a shell would be told."""
        apart = ["--project-name", self.project] if self.project else []
        return [
            *("docker", "compose", "--project-directory", str(self.checkout), "--progress=quiet"),
            *apart,
            *arguments,
        ]

    def run(self, *arguments: str) -> str:
        """What it prints; raises ComposeFailed."""
        done = subprocess.run(
            self.command(*arguments),
            env=dict(self.env),
            cwd=self.checkout,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
        if done.returncode != 0:
            words = (done.stdout + done.stderr).strip()[-2000:]
            raise ComposeFailed(f"docker compose {arguments[0]} ended with {done.returncode}:\n{words}")
        return done.stdout

    def address(self, service: str, port: int) -> str | None:
        """The URL under which a port of a running service is published; None without a container or an engine."""
        try:
            published = self.run("port", service, str(port)).strip()
        except (ComposeFailed, OSError, subprocess.TimeoutExpired):
            return None
        return f"http://{published}" if published else None

    def operator(self) -> list[str]:
        """How `egpay` is called there."""
        return self.command("run", "--rm", "--no-TTY", "egpay")
