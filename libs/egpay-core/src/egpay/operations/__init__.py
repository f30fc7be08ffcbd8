"""Operator's use cases: replay what failed, or show what a replay would change."""
