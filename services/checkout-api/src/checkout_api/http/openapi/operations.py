"""OpenAPI operations: one entry per route of the API."""

from checkout_api.http.openapi.account_operations import ACCOUNT_OPERATIONS
from checkout_api.http.openapi.product_operations import PRODUCT_OPERATIONS
from checkout_api.http.openapi.provider_operations import PROVIDER_OPERATIONS
from checkout_api.http.openapi.sale_operations import SALE_OPERATIONS
from checkout_api.http.openapi.store_operations import STORE_OPERATIONS

OPERATIONS = (
    *STORE_OPERATIONS,
    *SALE_OPERATIONS,
    *ACCOUNT_OPERATIONS,
    *PRODUCT_OPERATIONS,
    *PROVIDER_OPERATIONS,
)
