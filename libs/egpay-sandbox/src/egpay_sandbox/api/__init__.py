"""Stripe's HTTP API under /v1, close enough that the real SDK cannot tell."""
