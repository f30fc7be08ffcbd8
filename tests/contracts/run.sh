#!/bin/sh
# The description of the messages, read by AsyncAPI's own parser. Needs npm and a package index; without npm it says so.
set -eu

if ! command -v npm >/dev/null; then
    echo "no npm: the description of the messages is not checked by AsyncAPI's own parser" >&2
    exit 1
fi
folder=.egpay/contracts
mkdir -p "$folder"
if ! cmp -s tests/contracts/package.json "$folder/package.json" || [ ! -d "$folder/node_modules" ]; then
    cp tests/contracts/package.json "$folder/package.json"
    npm install --prefix "$folder" --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error
fi
cp tests/contracts/asyncapi.cjs "$folder/"
.venv/bin/python -m billing_worker.asyncapi | node "$folder/asyncapi.cjs"
