"""OpenAPI parameters: in paths, queries and headers, by the name under which operations refer to them."""

from typing import Any

from checkout_api.http.openapi.examples import ORGANISATION_ID, SALE_ID, TOKEN


def parameter(
    name: str, place: str, what: str, example: str | int, *, required: bool = True, **schema: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": required,
        "description": what,
        "schema": {"type": "string", **schema},
        "example": example,
    }


PARAMETERS = {
    "IdempotencyKey": parameter(
        "Idempotency-Key",
        "header",
        "The same key and body give the same answer; after a failure they continue the same sale.",
        "d0c1a7e2-5b7f-4a3e-9a51-0b6f3f0e8c11",
        required=False,
        minLength=1,
        maxLength=255,
        pattern="^[\\x21-\\x7e]+$",
    ),
    "SaleId": parameter("sale_id", "path", "As given when the order was taken; unguessable.", SALE_ID),
    "OrganisationId": parameter(
        "organisation_id",
        "path",
        "As an invitation, or the news of it, names it.",
        ORGANISATION_ID,
        pattern="^org_[A-Za-z0-9]+$",
    ),
    "IfNoneMatch": parameter(
        "If-None-Match", "header", "The ETag of an earlier answer.", '"3f9a0c2b7d1e48a6"', required=False
    ),
    "DocumentKind": parameter(
        "kind", "path", "As the sale's documents name it.", "invoice", enum=["invoice"]
    ),
    "Wait": parameter(
        "wait",
        "query",
        "Seconds to wait for a change, at most 30; 0 answers at once.",
        20,
        required=False,
        type="integer",
        minimum=0,
        maximum=30,
        default=0,
    ),
    "Since": parameter(
        "since",
        "query",
        "The version that the caller knows; without it nothing is waited for.",
        1,
        required=False,
        type="integer",
    ),
    "CountryCode": parameter("code", "path", "By ISO 3166-1, in any case.", "US", pattern="^[A-Za-z]{2}$"),
    "Token": parameter(
        "token", "path", "As it stands in the link of the e-mail; unguessable, used once.", TOKEN
    ),
    "Word": parameter("word", "path", "The last part of a problem's type.", "rate-limited"),
    "StripeSignature": parameter(
        "Stripe-Signature",
        "header",
        "docs.stripe.com/webhooks#verify-manually",
        f"t=1795000000,v1={'5f' * 32}",
    ),
    "WebhookId": parameter("webhook-id", "header", "standardwebhooks.com", "msg_1SXkq2Lg8yZ"),
    "WebhookTimestamp": parameter("webhook-timestamp", "header", "Unix seconds.", "1795000000"),
    "WebhookSignature": parameter(
        "webhook-signature",
        "header",
        "`v1,` and base64, several set apart by spaces.",
        f"v1,{'A' * 43}=",
    ),
}
