"""Docker Compose client: finds a running compose system, so that `make demo` works with it at once."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 600.0


class ComposeFailed(Exception):
    """`docker compose` failed; the message ends with its last output."""


@dataclass(frozen=True, slots=True)
class Compose:
    """The system of one checkout's compose.yaml.

    `env` is docker's whole environment, `project` separates it from others.
    """

    checkout: Path
    env: Mapping[str, str]
    project: str | None = None

    def command(self, *arguments: str) -> list[str]:
        """Returns the command line of `docker compose`."""
        apart = ["--project-name", self.project] if self.project else []
        return [
            *("docker", "compose", "--project-directory", str(self.checkout), "--progress=quiet"),
            *apart,
            *arguments,
        ]

    def run(self, *arguments: str) -> str:
        """Runs the command and returns its output; raises ComposeFailed."""
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
        """Returns the URL of a running service's published port; None without a container or an engine."""
        try:
            published = self.run("port", service, str(port)).strip()
        except (ComposeFailed, OSError, subprocess.TimeoutExpired):
            return None
        return f"http://{published}" if published else None

    def operator(self) -> list[str]:
        """Returns the command line of `egpay` in its container."""
        return self.command("run", "--rm", "--no-TTY", "egpay")
