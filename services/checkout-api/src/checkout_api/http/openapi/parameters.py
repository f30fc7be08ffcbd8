"""OpenAPI parameters: in paths, queries and headers, by the name under which operations refer to them."""

from typing import Any


def parameter(name: str, place: str, what: str, *, required: bool = True, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": required,
        "description": what,
        "schema": {"type": "string", **schema},
    }


PARAMETERS = {
    "IdempotencyKey": parameter(
        "Idempotency-Key",
        "header",
        "The same key and body give the same answer; after a failure they continue the same sale.",
        required=False,
        minLength=1,
        maxLength=255,
        pattern="^[\\x21-\\x7e]+$",
    ),
    "SaleId": parameter("sale_id", "path", "As given when the order was taken; unguessable."),
    "OrganisationId": parameter(
        "organisation_id",
        "path",
        "As an invitation, or the news of it, names it.",
        pattern="^org_[A-Za-z0-9]+$",
    ),
    "IfNoneMatch": parameter("If-None-Match", "header", "The ETag of an earlier answer.", required=False),
    "DocumentKind": parameter("kind", "path", "As the sale's documents name it.", enum=["invoice"]),
    "Wait": parameter(
        "wait",
        "query",
        "Seconds to wait for a change, at most 30; 0 answers at once.",
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
        required=False,
        type="integer",
    ),
    "CountryCode": parameter("code", "path", "By ISO 3166-1, in any case.", pattern="^[A-Za-z]{2}$"),
    "Token": parameter("token", "path", "As it stands in the link of the e-mail; unguessable, used once."),
    "Word": parameter("word", "path", "The last part of a problem's type."),
    "StripeSignature": parameter("Stripe-Signature", "header", "docs.stripe.com/webhooks#verify-manually"),
    "WebhookId": parameter("webhook-id", "header", "standardwebhooks.com"),
    "WebhookTimestamp": parameter("webhook-timestamp", "header", "Unix seconds."),
    "WebhookSignature": parameter(
        "webhook-signature", "header", "`v1,` and base64, several set apart by spaces."
    ),
}
