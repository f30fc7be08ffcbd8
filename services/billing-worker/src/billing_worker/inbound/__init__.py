"""Inbound side of the worker: consumes messages, folds or handles them, and acknowledges them."""
