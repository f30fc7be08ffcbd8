"""Warehouse adapter: signed instructions out, signed reports in (Standard Webhooks, both ways).

www.standardwebhooks.com: the headers `webhook-id`, `webhook-timestamp` and `webhook-signature` over the raw
body.
"""
