"""Dispute actions: what a buyer's bank does about a charge."""

from typing import Annotated, Any, Literal

import msgspec

from egpay_sandbox.control.action_params import ActionParams
from egpay_sandbox.control.control_action import ActionTable, ControlAction
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe import disputes
from egpay_sandbox.stripe.objects.dispute import DisputeStatus


class DisputeParams(ActionParams, frozen=True, kw_only=True):
    """What the buyer's bank disputes: minor units, or the whole undisputed rest.

    `due_seconds` is the time to answer, 0 when nothing can be answered; `funds` whether money leaves the account,
    by default unless it is an inquiry or prevented.
    """

    reason: str = "fraudulent"
    amount: int | None = None
    status: DisputeStatus = "needs_response"
    due_seconds: Annotated[int, msgspec.Meta(ge=0)] = 7 * 24 * 3600
    funds: bool | None = None


class MoveDisputeParams(ActionParams, frozen=True, kw_only=True):
    """The next status; `funds` says whether the money is with the bank then, unless the status says so."""

    status: DisputeStatus
    funds: bool | None = None


class CloseDisputeParams(ActionParams, frozen=True, kw_only=True):
    """The party that wins the dispute, or an inquiry that ends."""

    outcome: Literal["won", "lost", "warning_closed"] = "won"


def _open(sandbox: Sandbox, row_id: str, params: DisputeParams) -> dict[str, Any]:
    opening = disputes.DisputeOpening(**msgspec.structs.asdict(params))
    return render(sandbox.account, disputes.open_dispute(sandbox.account, row_id, opening))


def _move(sandbox: Sandbox, row_id: str, params: MoveDisputeParams) -> dict[str, Any]:
    moved = disputes.move_dispute(sandbox.account, row_id, params.status, funds=params.funds)
    return render(sandbox.account, moved)


def _close(sandbox: Sandbox, row_id: str, params: CloseDisputeParams) -> dict[str, Any]:
    return render(sandbox.account, disputes.close_dispute(sandbox.account, row_id, params.outcome))


ACTIONS: ActionTable = {
    ("charges", "dispute"): ControlAction(DisputeParams, _open),
    ("disputes", "move"): ControlAction(MoveDisputeParams, _move),
    ("disputes", "close"): ControlAction(CloseDisputeParams, _close),
}
