"""Reconciliation: finds and enters what no webhook reported, and republishes what the broker lost.

polling        the provider's list of events, entered through the inbox like webhooks
windows        a list read from its oldest entry on
comparison     current objects: Checkout sessions of open sales, subscriptions, paid invoices
republishing   messages of our own that the broker lost
"""

from egpay.reconciliation.comparison import CompareObjects
from egpay.reconciliation.polling import PollEvents
from egpay.reconciliation.report import Report
from egpay.reconciliation.republishing import Republish, RepublishWhenIdle

__all__ = ["CompareObjects", "PollEvents", "Report", "Republish", "RepublishWhenIdle"]
