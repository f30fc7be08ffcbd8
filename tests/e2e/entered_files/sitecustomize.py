"""Call tracer, loaded by Python at the start of a process: lists the source files whose functions are called.

SIGUSR1 forgets what was called before, SIGUSR2 writes the list to `$ENTERED_FILES.<pid>`.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

_target = os.environ.get("ENTERED_FILES")  # noqa: TID251 - it is loaded before any package of ours
if _target:
    _entered: set[str] = set()

    def _profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_name != "<module>":
            _entered.add(frame.f_code.co_filename)

    def _forget(*_: object) -> None:
        _entered.clear()

    def _write(*_: object) -> None:
        draft = Path(f"{_target}.{os.getpid()}.new")
        draft.write_text("\n".join(sorted(_entered)))
        draft.replace(f"{_target}.{os.getpid()}")

    signal.signal(signal.SIGUSR1, _forget)
    signal.signal(signal.SIGUSR2, _write)
    sys.setprofile(_profile)
    threading.setprofile(_profile)
