"""Test support: a sandbox on free ports in the test's own loop, with a receiver of its webhooks."""
