"""Asks the service in this container whether it is ready: an image of ours has no curl, and needs none.

python -IS ready.py 8000 [/readyz]   ends with 0 when that path of this port answers 200, with 1 when it does not
"""

import http.client
import sys


def is_ready(port: int, path: str = "/readyz") -> bool:
    """Whether the service says so itself, within three seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_ready(int(sys.argv[1]), *sys.argv[2:]) else 1)
