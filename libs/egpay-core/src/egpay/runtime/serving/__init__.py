"""A service answers on its port, from one process or several, and leaves without cutting anybody off.

run(factory, host=..., port=...)   until SIGTERM or Ctrl-C; returns the exit code
"""

from egpay.runtime.serving.run import run

__all__ = ["run"]
