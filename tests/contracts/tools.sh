#!/bin/sh
# Installs the ecosystem's own tools from npm into an ignored folder, in the versions of package.json.
set -eu

if ! command -v npm >/dev/null; then
    echo "no npm: the tools of tests/contracts cannot be installed" >&2
    exit 1
fi
folder=.egpay/web
mkdir -p "$folder"
if ! cmp -s tests/contracts/package.json "$folder/package.json" || [ ! -e "$folder/node_modules/.installed" ]; then
    cp tests/contracts/package.json "$folder/package.json"
    install="npm install --prefix $folder --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error"
    $install || $install # a registry may be away for a moment
    touch "$folder/node_modules/.installed"
fi
