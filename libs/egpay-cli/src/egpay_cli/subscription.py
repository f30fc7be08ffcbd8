"""Subscription commands: end one, at once or with the period that was paid."""

from egpay_cli.money_acts import subscriptions as app

__all__ = ["app"]
