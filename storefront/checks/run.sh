#!/bin/sh
# The storefront's scripts, read by TypeScript with types made from the API's own description. Needs npm and a package
# index; what it installs lies in an ignored folder.
set -eu

if ! command -v npm >/dev/null; then
    echo "no npm: the storefront's scripts are not checked by tsc" >&2
    exit 1
fi
folder=.egpay/storefront-checks
mkdir -p "$folder"
if ! cmp -s storefront/checks/package.json "$folder/package.json" || [ ! -d "$folder/node_modules" ]; then
    cp storefront/checks/package.json "$folder/package.json"
    install="npm install --prefix $folder --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error"
    $install || $install
fi
cp storefront/checks/tsconfig.json storefront/checks/types.d.ts "$folder/"
rm -rf "$folder/site"
cp -R storefront/src/egpay_storefront/site "$folder/site"
.venv/bin/python -c 'import json; from checkout_api.http.openapi.document import document
print(json.dumps(document("http://127.0.0.1")))' >"$folder/openapi.json"
cd "$folder"
node_modules/.bin/openapi-typescript openapi.json --default-non-nullable=false -o openapi.d.ts >/dev/null
node_modules/.bin/tsc --project tsconfig.json
echo "tsc: the storefront's scripts are clean"
