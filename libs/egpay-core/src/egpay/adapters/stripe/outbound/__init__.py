"""Stripe API calls: the client, Checkout sessions, lookups, history and the webhook endpoint."""
