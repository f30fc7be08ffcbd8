"""OpenAPI security schemes: what a caller shows, where a route asks for anything."""

SECURITY_SCHEMES = {
    "ApiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of the product's own programs; `egpay access new-key` makes one.",
    },
    "StripeSignature": {
        "type": "apiKey",
        "in": "header",
        "name": "Stripe-Signature",
        "description": "Made by Stripe with the endpoint's secret, over the time and the exact bytes of the body.",
    },
    "StandardWebhooks": {
        "type": "apiKey",
        "in": "header",
        "name": "webhook-signature",
        "description": "Made with the shared secret over `webhook-id`, `webhook-timestamp` and the exact bytes.",
    },
}
