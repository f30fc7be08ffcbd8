"""Stripe as we call it: its API client, Checkout sessions, lookups, history and the webhook endpoint."""
