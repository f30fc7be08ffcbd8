#!/bin/sh
# Playwright, from a lock of its own, where a Chromium is found: nothing else that make does needs it.
# `required` fails where none is found; `install` first tries to install Debian's, as root.
set -eu

mode=${1:-}
stamp=.venv/.browser

is_found() {
    if [ -n "${EGPAY_CHROMIUM:-}" ]; then
        command -v "$EGPAY_CHROMIUM" >/dev/null 2>&1
    else
        command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
            command -v google-chrome >/dev/null 2>&1
    fi
}

install_chromium() {
    apt-get -qq update &&
        DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends chromium fonts-liberation >/dev/null
}

if [ "$mode" = install ] && ! is_found && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    install_chromium || install_chromium || echo "Chromium could not be installed" >&2
fi
if ! is_found; then
    if [ -n "$mode" ]; then
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
install_playwright() { .venv/bin/uv pip install --quiet --require-hashes -r tests/browser/requirements.lock; }
if install_playwright || install_playwright; then
    cp tests/browser/requirements.lock "$stamp"
elif [ -n "$mode" ]; then
    exit 1
fi
