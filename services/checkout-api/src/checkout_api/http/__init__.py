"""HTTP side of checkout-api: routes, request bodies, problems, rate limit and the webhook fast path."""
