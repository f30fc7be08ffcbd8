"""Session actions: what a buyer or a bank does about a Checkout Session."""

from typing import Any, Literal

from egpay_sandbox.control.action_params import ActionParams, OutcomeParams
from egpay_sandbox.control.control_action import ActionTable, ControlAction
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe import bank_debits, checkout_payment
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.buyer_details import EXAMPLE_ADDRESS, BuyerDetails
from egpay_sandbox.stripe.checkout_sessions import expire_session
from egpay_sandbox.stripe.discounts import enter_promotion_code


class PayParams(ActionParams, frozen=True, kw_only=True):
    """Pays as if on the page, with a tax id and with a promotion code typed before."""

    means: Literal["card", "sepa_debit"] = "card"
    email: str = "buyer@example.com"
    name: str | None = "Sandbox Buyer"
    promotion_code: str | None = None
    tax_id: str | None = None


def _pay(sandbox: Sandbox, row_id: str, params: PayParams) -> dict[str, Any]:
    if params.promotion_code is not None:
        enter_promotion_code(
            sandbox.account, get_or_404(sandbox.account.sessions, row_id), params.promotion_code
        )
    checkout_payment.pay_session(
        sandbox.account,
        row_id,
        BuyerDetails(email=params.email, name=params.name, address=EXAMPLE_ADDRESS, tax_id=params.tax_id),
        params.means,
    )
    return render(sandbox.account, sandbox.account.sessions[row_id])


def _decline(sandbox: Sandbox, row_id: str, params: PayParams) -> dict[str, Any]:
    return render(
        sandbox.account,
        checkout_payment.decline_session(sandbox.account, row_id, BuyerDetails(email=params.email)),
    )


def _settle(sandbox: Sandbox, row_id: str, params: OutcomeParams) -> dict[str, Any]:
    return render(sandbox.account, bank_debits.settle_debit(sandbox.account, row_id, params.outcome))


def _expire(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return render(sandbox.account, expire_session(sandbox.account, row_id))


ACTIONS: ActionTable = {
    ("sessions", "pay"): ControlAction(PayParams, _pay),
    ("sessions", "decline"): ControlAction(PayParams, _decline),
    ("sessions", "settle"): ControlAction(OutcomeParams, _settle),
    ("sessions", "expire"): ControlAction(ActionParams, _expire),
}
