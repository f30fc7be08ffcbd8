"""`.env` file: read as python-dotenv reads it, without expanding `${...}`, because a password may hold it."""

from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream


class MalformedDotenv(ValueError):
    """The file cannot be read, or has a line that is no assignment; the message holds no text of it."""


def read(path: Path) -> dict[str, str]:
    """Returns the variables of the file; none when there is no file."""
    if not path.is_file():
        return {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise MalformedDotenv(f"cannot be read ({fault.strerror})") from None
    except UnicodeDecodeError:
        raise MalformedDotenv("is no UTF-8 text") from None
    lines = [*parse_stream(StringIO(text))]
    if wrong := [str(line.original.line) for line in lines if line.error]:
        raise MalformedDotenv(f"has no NAME=value, or a quote without its end, in line {', '.join(wrong)}")
    return {line.key: line.value for line in lines if line.key and line.value is not None}
