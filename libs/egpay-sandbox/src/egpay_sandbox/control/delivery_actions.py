"""Delivery actions: an event is sent again, an endpoint's secret is rolled."""

from typing import Any

from egpay_sandbox.control.action_params import ActionParams
from egpay_sandbox.control.control_action import ActionTable, ControlAction
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.webhook_endpoints import roll_secret


class RotateSecretParams(ActionParams, frozen=True, kw_only=True):
    """Seconds for which the old secret still signs along."""

    keep_seconds: int = 24 * 3600
    secret: str | None = None


def _resend(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    event = get_or_404(sandbox.account.events, row_id)
    return {"event": event.id, "posted": sandbox.event_fan_out.resend(event)}


def _roll(sandbox: Sandbox, row_id: str, params: RotateSecretParams) -> dict[str, Any]:
    endpoint = roll_secret(sandbox.account, row_id, keep_seconds=params.keep_seconds, secret=params.secret)
    return {**render(sandbox.account, endpoint), "secret": endpoint.secrets[0].value}


ACTIONS: ActionTable = {
    ("events", "resend"): ControlAction(ActionParams, _resend),
    ("endpoints", "rotate"): ControlAction(RotateSecretParams, _roll),
}
