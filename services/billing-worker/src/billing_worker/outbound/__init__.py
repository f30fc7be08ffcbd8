"""Outbound side of the worker: what effects may call, each with a key."""
