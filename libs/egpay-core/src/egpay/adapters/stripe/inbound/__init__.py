"""Stripe as it reports to us: webhooks verified, decoded in part, and translated into our events."""
