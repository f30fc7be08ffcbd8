"""The front door: orders come in, Stripe Checkout opens, webhooks are accepted for good."""
