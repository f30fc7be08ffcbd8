"""Entry point of a service's console script: serves it in one process or several."""

import logging
import signal
import sys
from types import FrameType
from typing import Literal

from egpay.runtime.serving.options import Options, bind
from egpay.telemetry.logs import setup_logging

_log = logging.getLogger(__name__)


def run(  # noqa: PLR0913 - the settings of a service, one by one
    factory: str,
    *,
    service: str,
    host: str,
    port: int,
    workers: int = 1,
    log_level: str = "INFO",
    log_format: Literal["json", "console"] = "json",
    trusted_proxies: str | None = None,
    grace: int = 10,
) -> int:
    """Serve an ASGI application until SIGTERM or Ctrl-C; return the exit code.

    `factory` is `package.module:function`, called without arguments in every process. Sets up logging in
    every process. Returns the exit code: 0 after an orderly end, 1 when the address is taken, 3 when the
    application does not start (one process only: of several, each tries again). See Options for the rest.
    """
    _leave_at_once_until_serving()
    setup_logging(log_level, log_format, service=service)
    options = Options(
        factory=factory,
        service=service,
        host=host,
        port=port,
        workers=workers,
        log_level=log_level,
        log_format=log_format,
        trusted_proxies=trusted_proxies,
        grace=grace,
    )
    return _serve(options)


def _serve(options: Options) -> int:
    try:
        listener = bind(options.host, options.port, options.backlog)
    except OSError as error:
        place = {"host": options.host, "port": options.port, "reason": error.strerror}
        _log.critical("cannot listen", extra={"action": "listen_failed", **place})
        return 1
    with listener:
        if options.workers > 1:
            from egpay.runtime.serving.prefork import Prefork

            return Prefork(options, listener).run()
        from egpay.runtime.serving.single import serve

        return serve(options, listener)


def _leave_at_once_until_serving() -> None:
    def leave(_number: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
