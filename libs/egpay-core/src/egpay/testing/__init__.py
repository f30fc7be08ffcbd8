"""Test doubles and builders: in-memory ports that pass the same contract tests as the adapters."""
