"""Stripe adapter: opens Checkout sessions, and trusts webhooks once their signature is verified.

Only `client.py` and its transport import the `stripe` package; a process that only receives webhooks never
loads it.
"""
