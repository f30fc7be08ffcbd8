"""Stripe simulator: a stateful account whose state a test may compare with egpay's books."""
