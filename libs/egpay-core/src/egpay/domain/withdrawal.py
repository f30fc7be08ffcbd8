"""Withdrawal: a consumer's declaration that an order is taken back, with the words and the time that count in law.

Directive 2011/83/EU, article 11a. What was typed stays in its row; messages name it by its id.
"""

import hashlib
from datetime import datetime
from typing import NewType

import msgspec

from egpay.domain.values import SaleId, email_key

WithdrawalId = NewType("WithdrawalId", str)


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """Withdrawal as it was declared: for which order, by whom, where the receipt goes, and from which part."""

    id: WithdrawalId
    sale_id: SaleId
    name: str
    email: str
    statement: str | None
    declared_at: datetime


def declare(sale_id: SaleId, *, name: str, email: str, statement: str | None, at: datetime) -> Withdrawal:
    """Make the declaration; the same words about the same order are the same one, however often they are sent."""
    words = msgspec.json.encode([sale_id, name, email_key(email), statement])
    digest = hashlib.sha256(words).hexdigest()[:24]
    return Withdrawal(
        id=WithdrawalId(f"wdr_{digest}"),
        sale_id=sale_id,
        name=name,
        email=email,
        statement=statement,
        declared_at=at,
    )
