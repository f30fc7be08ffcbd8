"""Events of a withdrawal: what a consumer declares at the storefront."""

from egpay.domain.events.event import EventBase
from egpay.domain.withdrawal import WithdrawalId


class WithdrawalDeclared(EventBase, frozen=True, kw_only=True, tag="withdrawal_declared"):
    """A consumer withdrew from an order; the declaration stays in its row."""

    withdrawal_id: WithdrawalId
