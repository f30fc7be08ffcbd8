"""Inbound side of the worker: messages consumed, folded or handled, and acknowledged."""
