#!/bin/sh
# What egpay publishes, read by the tools of those who read it: the description of the API by redocly and spectral, that
# of the messages by AsyncAPI's parser, the storefront's scripts by TypeScript. A warning fails as an error does.
set -eu

sh tests/contracts/tools.sh
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true NO_COLOR=1 NODE_NO_WARNINGS=1
folder=.egpay/web
bin=$folder/node_modules/.bin
cp tests/contracts/asyncapi.cjs tests/contracts/spectral.json "$folder/"

.venv/bin/python -m checkout_api.http.openapi >"$folder/openapi.json"
quietly() { # quietly COMMAND...: what it says is shown when it fails
    "$@" >"$folder/said" 2>&1 || { cat "$folder/said" >&2; exit 1; }
}
quietly "$bin/redocly" lint --extends=recommended-strict "$folder/openapi.json"
echo "redocly: the description of the API is clean"
quietly "$bin/spectral" lint --ruleset "$folder/spectral.json" --fail-severity hint "$folder/openapi.json"
echo "spectral: the description of the API is clean"

.venv/bin/python -m billing_worker.asyncapi | node "$folder/asyncapi.cjs"

rm -rf "$folder/storefront"
mkdir "$folder/storefront"
cp -R storefront/checks/. storefront/src/egpay_storefront/site "$folder/storefront/"
"$bin/tsc" --project "$folder/storefront/tsconfig.json"
echo "tsc: the storefront's scripts are clean"
