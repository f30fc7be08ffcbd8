"""Periodic jobs of the worker: reconciliation, the purge of old rows, and the deletion of unpaid customers."""
