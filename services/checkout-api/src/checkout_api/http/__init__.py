"""HTTP side of checkout-api: routes, bodies, problems, rate limit and the webhook fast path."""
