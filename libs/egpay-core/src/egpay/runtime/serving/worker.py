"""Prefork worker: serves in one of several processes on a port, and exits when its parent dies.

`python -m egpay.runtime.serving.worker <options> <socket> <lifeline> <metrics> <word>` is started by Prefork
only. The socket and the lifeline are inherited descriptors; <metrics> is the directory where all workers
store their metrics; <word> is `announce` for the one that logs when requests are answered.
"""

import os
import signal
import socket
import sys
import threading
import time
from types import FrameType

import msgspec

from egpay.runtime.serving.options import Options
from egpay.telemetry.logs import setup_logging
from egpay.telemetry.multiprocess import share_metrics


def main(arguments: list[str]) -> int:
    """Serve until a signal, or until the parent process has died."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    options = msgspec.json.decode(arguments[0], type=Options)
    threading.Thread(target=_follow, args=(int(arguments[2]), options.grace), daemon=True).start()
    share_metrics(arguments[3])
    setup_logging(
        options.log_level, "console" if options.log_format == "console" else "json", service=options.service
    )
    from egpay.runtime.serving.single import serve

    return serve(options, socket.socket(fileno=int(arguments[1])), announce=arguments[4] == "announce")


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _follow(lifeline: int, grace: float) -> None:
    """Exit when the read ends, because then the only writer, the parent process, has died."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace + 5.0)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
