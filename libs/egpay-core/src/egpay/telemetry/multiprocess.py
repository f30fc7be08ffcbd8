"""Right numbers from several processes behind one port: whichever of them answers `/metrics` adds all of them up.

prometheus-client keeps its values in files of a shared directory when PROMETHEUS_MULTIPROC_DIR is set before its first
import; without the sum, each scrape would meet another process and counters would seem to fall.
"""

import os
import sys

_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def share_metrics(directory: str) -> None:
    """Keep this process's numbers in `directory`, beside those of its siblings. Raises RuntimeError when it is too late
    for that."""
    if "prometheus_client" in sys.modules:
        raise RuntimeError("metrics can only be shared before prometheus_client is imported")
    os.environ[_VARIABLE] = directory  # noqa: TID251 - the one way prometheus-client offers
    from prometheus_client import values

    mine = os.getpid()  # it would ask the kernel at every count, for a fork that never comes
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: mine)  # type: ignore[no-untyped-call]


def shared_directory() -> str | None:
    """Where the siblings' numbers are, None for a process on its own."""
    return os.environ.get(_VARIABLE)  # noqa: TID251 - the one way prometheus-client offers
