"""JSON routes of the API, one file per subject; `problems` turns what they refuse into a problem."""

from checkout_api.http.routes.billing_portal import open_billing_portal, request_portal_link
from checkout_api.http.routes.catalogue import products
from checkout_api.http.routes.checkout import checkout_sessions
from checkout_api.http.routes.countries import countries, country
from checkout_api.http.routes.docs import docs, docs_script, docs_style, openapi, problem
from checkout_api.http.routes.invitations import redeem_invitation, renew_invitation
from checkout_api.http.routes.operations import livez, metrics, readyz
from checkout_api.http.routes.organisations import organisation_access
from checkout_api.http.routes.sales import continue_sale, sale, sale_document
from checkout_api.http.routes.start import start
from checkout_api.http.routes.withdrawals import declare_withdrawal

JSON_ROUTES = (
    start,
    products,
    countries,
    country,
    checkout_sessions,
    sale,
    sale_document,
    continue_sale,
    organisation_access,
    request_portal_link,
    open_billing_portal,
    redeem_invitation,
    renew_invitation,
    declare_withdrawal,
    livez,
    readyz,
    metrics,
    openapi,
    docs,
    docs_script,
    docs_style,
    problem,
)
"""Every route but the two webhooks and the files of the storefront."""
