#!/bin/sh
# Playwright, from a lock of its own, where a Chromium is found: nothing else that make does needs it.
set -eu

if [ -n "${EGPAY_CHROMIUM:-}" ]; then
    found=$(command -v "$EGPAY_CHROMIUM" || true)
else
    found=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
fi
stamp=.venv/.browser
if [ -z "$found" ]; then
    if [ "${1:-}" = required ]; then
        echo "no Chromium: set EGPAY_CHROMIUM, or apt-get install chromium" >&2
        exit 1
    fi
    exit 0
fi
if [ "$stamp" -nt .venv/.ready ] && cmp -s tests/browser/requirements.lock "$stamp"; then exit 0; fi
index=${PIP_INDEX_URL:-$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)}
if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then export UV_DEFAULT_INDEX="$index"; fi
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}" UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-120}" VIRTUAL_ENV="$PWD/.venv" UV_NO_PROGRESS=1
if [ -z "${UV_CACHE_DIR:-}" ] && [ ! -w "${HOME:-/nonexistent}" ]; then export UV_CACHE_DIR="$PWD/.venv/cache"; fi
install() { .venv/bin/uv pip install --quiet --require-hashes -r tests/browser/requirements.lock; }
if install || install; then
    cp tests/browser/requirements.lock "$stamp"
elif [ "${1:-}" = required ]; then
    exit 1
fi
