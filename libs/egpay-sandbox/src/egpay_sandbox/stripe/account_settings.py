"""Account settings: the choices that Stripe leaves to an account, or open in its documentation."""

from typing import Annotated, Any, Literal

import msgspec


class AccountSettings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Settings of an account; delays are seconds.

    `pending_debit_subscription`: what a subscription is while its first bank debit is under way. Stripe's
    status table says `incomplete` (docs.stripe.com/billing/subscriptions/overview); set `active` for the
    other reading. `after_last_retry`: what a subscription becomes when the last of `retries` attempts failed.
    `refund_status`: what a refund begins as; it stays so until it is settled. `debit_delay`: when the bank answers
    for a debit whose outcome the buyer chose on the page.
    """

    public_url: str
    aftermath_delay: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    debit_delay: Annotated[float, msgspec.Meta(ge=0)] = 10.0
    pending_debit_subscription: Literal["incomplete", "active"] = "incomplete"
    after_last_retry: Literal["canceled", "unpaid", "past_due"] = "canceled"
    refund_status: Literal["succeeded", "pending", "requires_action"] = "succeeded"
    retries: Annotated[int, msgspec.Meta(ge=1)] = 4

    def update(self, changes: dict[str, Any]) -> None:
        """Applies changes; ValueError names what is invalid."""
        changed = msgspec.convert({**self.to_dict(), **changes}, AccountSettings)
        for name in changes:
            setattr(self, name, getattr(changed, name))

    def to_dict(self) -> dict[str, Any]:
        """Returns all settings as JSON."""
        return msgspec.structs.asdict(self)
