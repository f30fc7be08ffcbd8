"""The warehouse ships: told by signed messages, and answering by signed messages (Standard Webhooks, both ways).

www.standardwebhooks.com: the headers `webhook-id`, `webhook-timestamp` and `webhook-signature` over the raw body.
"""
