"""Events of the operator's acts: ids and decisions; who, why and personal data stay in `operator_acts`."""

from typing import TypeAlias

from egpay.domain.cancellation import CancelledMoney
from egpay.domain.events.event import EventBase


class ActBase(EventBase, frozen=True, kw_only=True):
    """Base of the acts: `id` is the act's key, under which its row says who did it and why."""

    @property
    def subject(self) -> str:
        """The id of what it is about."""
        return self.sale_id or self.id


class SaleCancelled(ActBase, frozen=True, kw_only=True, tag="sale_cancelled"):
    """An operator cancelled a sale; `money` is what becomes of what was paid, None where none was chosen."""

    money: CancelledMoney | None = None


OperatorAct: TypeAlias = SaleCancelled
"""The closed set of acts."""
