"""Multiprocess metrics: the process that answers `/metrics` adds up all processes behind its port.

prometheus-client stores its values in files of a shared directory when PROMETHEUS_MULTIPROC_DIR is set before
its first import; without the sum, each scrape would meet another process and counters would seem to fall.
"""

import os
import sys

_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def share_metrics(directory: str) -> None:
    """Store this process's metrics in `directory`, beside those of its siblings.

    Raises RuntimeError when prometheus_client is already imported, because it is too late then.
    """
    if "prometheus_client" in sys.modules:
        raise RuntimeError("metrics can only be shared before prometheus_client is imported")
    os.environ[_VARIABLE] = directory  # noqa: TID251 - the one way prometheus-client offers
    from prometheus_client import values

    mine = os.getpid()  # it would ask the kernel at every count, because of a fork that never comes
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: mine)  # type: ignore[no-untyped-call]


def shared_directory() -> str | None:
    """The directory of shared metrics; None for a single process."""
    return os.environ.get(_VARIABLE)  # noqa: TID251 - the one way prometheus-client offers
