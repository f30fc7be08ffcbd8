"""Adapters: one folder per technology, each behind a port; none imports another."""
