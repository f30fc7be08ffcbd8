"""The world outside egpay in one process, so that a whole purchase runs without an account anywhere."""
