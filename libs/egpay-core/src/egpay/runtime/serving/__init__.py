"""Serving: runs a service on its port in one process or several, and shuts it down gracefully.

run(factory, host=..., port=...)   until SIGTERM or Ctrl-C; returns the exit code
"""

from egpay.runtime.serving.run import run

__all__ = ["run"]
