"""In-memory ports, doubles and builders: the same promises as the real adapters, proven by the same tests."""
