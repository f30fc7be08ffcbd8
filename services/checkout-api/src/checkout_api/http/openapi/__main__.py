"""`python -m checkout_api.http.openapi > openapi.json`: the OpenAPI document, without a running service."""

import json
import sys

from checkout_api.http.openapi.document import document

PUBLIC_URL = "http://127.0.0.1:8000"

if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(PUBLIC_URL), indent=2) + "\n")
