"""Action table: what can be done to an object, shared by the JSON routes and the buttons."""

from egpay_sandbox.control import (
    delivery_actions,
    dispute_actions,
    invoice_actions,
    refund_actions,
    risk_actions,
    session_actions,
    subscription_actions,
    warehouse_actions,
)
from egpay_sandbox.control.control_action import ActionTable

ACTIONS: ActionTable = {
    **session_actions.ACTIONS,
    **subscription_actions.ACTIONS,
    **invoice_actions.ACTIONS,
    **refund_actions.ACTIONS,
    **dispute_actions.ACTIONS,
    **risk_actions.ACTIONS,
    **delivery_actions.ACTIONS,
    **warehouse_actions.ACTIONS,
}
