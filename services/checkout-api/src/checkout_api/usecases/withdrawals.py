"""Withdrawals: takes a consumer's declaration, stores it word for word, and has it acknowledged by e-mail."""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from checkout_api.usecases.errors import FieldError, InvalidOrder
from checkout_api.usecases.form_parser import parse_form
from checkout_api.usecases.order_form import EmailText, NameText
from checkout_api.usecases.order_validation import is_deliverable, text_errors
from checkout_api.usecases.sale_state import UNPAID
from checkout_api.usecases.utc_time import UtcTime
from egpay.domain.errors import Refusal
from egpay.domain.events import Source, WithdrawalDeclared
from egpay.domain.printable import one_line
from egpay.domain.values import MessageId, SaleId, email_key
from egpay.domain.withdrawal import declare
from egpay.ports.clock import Clock
from egpay.ports.storage import Begin

MOST_OF_A_SALE = 10
"""Declarations of one order: each is answered by an e-mail to any address."""
MOST_OF_ITS_BUYER = 10
"""Beyond those of anybody, for the address of the order: no stranger can use up the buyer's right."""

_NOT_DELIVERABLE = FieldError("email", "is not an e-mail address that mail can be sent to")
_UNKNOWN = FieldError("sale_id", "is not the number of an order of ours; it begins with sale_")
_NOT_CONCLUDED = FieldError(
    "sale_id", "is of an order that was not paid: nothing is owed, nothing has to be done"
)
"""Anybody may place an order and pay nothing: it is no way to have e-mails with words of his sent in our name."""
_Statement = Annotated[
    str,
    msgspec.Meta(
        max_length=1000,
        pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$",
        extra={"must": "be text of up to 1000 characters"},
    ),
]


class WithdrawalForm(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration: who withdraws, from which order, where the receipt goes, and what part, where not all of it."""

    sale_id: NameText
    name: NameText
    email: EmailText
    statement: _Statement | None = None


class WithdrawalReceived(msgspec.Struct, frozen=True):
    """When the declaration was received, which is the time that counts."""

    declared_at: UtcTime


class NothingToWithdraw(Refusal):
    """The shop sells to businesses only, which have no right to withdraw, or what no one may withdraw from."""


class TooManyWithdrawals(Refusal):
    """The order has been withdrawn from too often; a person has the case."""

    retry_after = 86_400.0


@dataclass(frozen=True, slots=True)
class DeclareWithdrawal:
    """Stores the declaration and the event about it in one commit; what follows is a person's case.

    Whether it is in time is not judged here: a person knows what was agreed, and when the parcel was handed over.
    """

    begin: Begin
    clock: Clock
    offered: bool = True

    async def __call__(self, body: object) -> WithdrawalReceived:
        """Take the declaration of `body`, decoded JSON.

        Raises NothingToWithdraw, InvalidOrder, TooManyWithdrawals, and Outage without the database.
        """
        if not self.offered:
            raise NothingToWithdraw("orders are not withdrawn from here")
        typed = _checked(body)
        declared = declare(
            SaleId(typed["sale_id"].strip().lower()),  # a phone begins a word with a capital
            name=one_line(typed["name"]),
            email=typed["email"].strip(),
            statement=one_line(typed.get("statement", "")) or None,
            at=self.clock(),
        )
        async with self.begin() as uow:
            found = await uow.sales.find(declared.sale_id)
            if found is None or found[0].status in UNPAID:
                raise InvalidOrder([_UNKNOWN if found is None else _NOT_CONCLUDED])
            own = email_key(declared.email) == found[0].email_key
            most = MOST_OF_A_SALE + (MOST_OF_ITS_BUYER if own else 0)
            stored = await uow.withdrawals.add(declared, most=most)
            if stored is None:
                raise TooManyWithdrawals("this order was withdrawn from already; write to the seller")
            await uow.events.put(
                WithdrawalDeclared(
                    id=MessageId(f"withdrawal:{stored.id}"),
                    occurred_at=stored.declared_at,
                    source=Source.STOREFRONT,
                    sale_id=stored.sale_id,
                    withdrawal_id=stored.id,
                )
            )
        return WithdrawalReceived(stored.declared_at)


def _checked(body: object) -> dict[str, str]:
    form = parse_form(WithdrawalForm, body)
    errors = [*form.errors, *text_errors("name", form.values.get("name", ""), is_name=True)]
    email = form.values.get("email", "")
    if email and not is_deliverable(email):
        errors.append(_NOT_DELIVERABLE)
    if errors:
        raise InvalidOrder(errors)
    return dict(form.values)
