"""Whose a subscription is that no sale of ours began: made in the provider's dashboard, for a customer known there."""

import msgspec

from egpay.domain.values import EmailKey, SubscriptionId


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider knows of its customer; `email` is the identity then, for there is no other."""

    subscription_id: SubscriptionId
    organisation: str
    name: str
    email: str
    email_key: EmailKey
