"""System adapter: the clock, and cryptographic randomness."""
