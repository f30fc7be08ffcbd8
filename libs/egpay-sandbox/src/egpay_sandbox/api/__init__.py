"""HTTP API of Stripe under /v1, close enough for the real SDK."""
