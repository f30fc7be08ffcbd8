"""What no webhook told us is found and entered all the same: by the event, by the sale, by the subscription.

polling    the provider's list of events, through the webhook's own door
windows    a list read from its oldest entry on
standing   objects as they stand: Checkout sessions of open sales, subscriptions, paid invoices
republishing   messages of our own that the broker lost
"""

from egpay.reconciliation.comparison import CompareObjects
from egpay.reconciliation.polling import PollEvents
from egpay.reconciliation.report import Report
from egpay.reconciliation.republishing import Republish, RepublishWhenIdle

__all__ = ["CompareObjects", "PollEvents", "Report", "Republish", "RepublishWhenIdle"]
