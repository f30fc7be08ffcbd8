"""Outbound side of the worker: what effects may call, each call under an idempotency key."""
