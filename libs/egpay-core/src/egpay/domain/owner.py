"""Owner of a subscription that no sale of ours began: it was made in the provider's dashboard."""

import msgspec

from egpay.domain.values import EmailKey, SubscriptionId


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Owner: the provider's data about its customer; `email` is the identity, because there is no other."""

    subscription_id: SubscriptionId
    organisation: str
    name: str
    email: str
    email_key: EmailKey
