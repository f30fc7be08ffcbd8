"""Rendering: the account's objects as JSON, one module per API version, separate from their state."""
