"""Periodic jobs of the worker: reconciliation and the purge of old rows."""
