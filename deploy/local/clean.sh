#!/bin/sh
# Removes everything that make and the launcher created: .venv, the local data, every cache. Never while it runs.
set -eu

if [ -e .egpay/lock ] && command -v flock >/dev/null && ! flock --nonblock .egpay/lock true; then
    echo "make: egpay is running from this checkout; stop it first (Ctrl-C in its terminal)." >&2
    exit 1
fi
if [ -L .egpay/servers ]; then rm -rf "$(readlink .egpay/servers)"; fi
rm -rf .venv .egpay .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
find . -name __pycache__ -type d -prune -exec rm -rf {} +
