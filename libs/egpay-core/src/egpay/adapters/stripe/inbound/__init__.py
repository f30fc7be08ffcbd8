"""Stripe webhooks: verifies them, decodes them in part, and translates them into our events."""
