#!/bin/sh
# From a bare checkout to a complete `.venv`: needs python3 (3.11 or newer, with venv) and the package index.
# Called by the Makefile when the lock or a pyproject.toml is newer than the stamp it writes.
set -eu

python=${PYTHON:-python3}
uv_version=0.13.9
stamp=.venv/.ready

stop() {
    echo "make: $1" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 || stop "$python not found; egpay needs Python 3.11 or newer."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$("$python" -V 2>&1) is too old; egpay needs Python 3.11 or newer (make PYTHON=/path/to/python3.11 ...)."
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    stop "$("$python" -V 2>&1) has no venv module; install it (Debian, Ubuntu: apt install python3-venv)."

# A checkout that was moved or copied brings scripts that point at the old place.
if [ -e "$stamp" ] && [ "$(cat "$stamp")" != "$PWD" ]; then rm -rf .venv; fi

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    echo "Setting up .venv (once, about half a minute) ..."
    "$python" -m venv --clear .venv
fi
if [ "$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" != "$uv_version" ]; then
    .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check "uv==$uv_version"
fi

# uv follows what this machine told pip: its index, and its certificates through the system's store.
index=${PIP_INDEX_URL:-$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)}
if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then export UV_DEFAULT_INDEX="$index"; fi
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}" UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-120}"
export VIRTUAL_ENV="$PWD/.venv" UV_NO_PROGRESS=1
if [ -z "${UV_CACHE_DIR:-}" ] && [ ! -w "${HOME:-/nonexistent}" ]; then export UV_CACHE_DIR="$PWD/.venv/cache"; fi

rm -f "$stamp"
.venv/bin/uv pip sync --quiet --require-hashes requirements.lock
# shellcheck disable=SC2046
.venv/bin/uv pip install --quiet --no-deps $(for member in "$@"; do printf -- '-e %s ' "./$member"; done)
printf '%s' "$PWD" >"$stamp"
