"""Stripe takes the money: we open its Checkout page, and believe its webhooks once their signature is proven.

Only `client.py` and its transport import the `stripe` package; who merely receives webhooks never loads it.
"""
