"""Operator's use cases: replay dead letters and webhooks, or dry-run what a replay would change."""
