"""The JSON doors of the API, one file per subject; what they refuse becomes a problem in `problems`."""

from checkout_api.http.routes.catalogue import products
from checkout_api.http.routes.checkout import checkout_sessions
from checkout_api.http.routes.docs import docs, docs_script, docs_style, openapi, problem
from checkout_api.http.routes.operations import livez, metrics, readyz
from checkout_api.http.routes.sales import sale

JSON_ROUTES = (
    products,
    checkout_sessions,
    sale,
    livez,
    readyz,
    metrics,
    openapi,
    docs,
    docs_script,
    docs_style,
    problem,
)
"""The contents page: every route but the two webhooks."""
