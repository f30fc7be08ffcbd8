"""Events: facts that Stripe, Xero or the warehouse reported, and acts of operators, in our words and past tense.

Every event carries ids only; names, addresses and e-mails stay in the database. On NATS it is JSON, its tag `type`.
"""

from typing import TypeAlias

from egpay.domain.events.acts import (
    ActBase,
    AddressCorrected,
    CaseAct,
    CaseClosed,
    CaseSnoozed,
    EmailCorrected,
    IntroductionRequested,
    OperatorAct,
    RefundRequested,
    SaleCancelled,
    ShipmentHeld,
    ShipmentReleased,
    ShipmentRepeated,
    SubscriptionEndRequested,
)
from egpay.domain.events.checkout import CheckoutCompleted, CheckoutExpired, CheckoutPaymentFailed
from egpay.domain.events.earlier_payments import DisputeClosed, DisputeOpened, RefundFailed
from egpay.domain.events.event import EventBase, Source
from egpay.domain.events.invoices import (
    CreditNoteReported,
    InvoiceClosed,
    InvoicePaid,
    InvoicePaymentFailed,
    InvoicePaymentLinked,
    PaymentActionRequired,
)
from egpay.domain.events.payments import (
    DisputeReported,
    FraudWarningReported,
    PaymentEvent,
    PaymentRefunded,
    RefundRefused,
    RefundReported,
    ReviewReported,
)
from egpay.domain.events.shipments import ShipmentReported
from egpay.domain.events.subscriptions import (
    AccessDue,
    CustomerChanged,
    CustomerDeleted,
    OwnerIdentified,
    OwnerUnknown,
    RenewalOverdue,
    SubscriptionChanged,
)
from egpay.domain.events.withdrawals import WithdrawalDeclared

__all__ = [
    "AccessDue",
    "ActBase",
    "AddressCorrected",
    "BillingEvent",
    "CaseAct",
    "CaseClosed",
    "CaseSnoozed",
    "CheckoutCompleted",
    "CheckoutExpired",
    "CheckoutPaymentFailed",
    "CreditNoteReported",
    "CustomerChanged",
    "CustomerDeleted",
    "DisputeClosed",
    "DisputeOpened",
    "DisputeReported",
    "EmailCorrected",
    "EventBase",
    "FraudWarningReported",
    "IntroductionRequested",
    "InvoiceClosed",
    "InvoicePaid",
    "InvoicePaymentFailed",
    "InvoicePaymentLinked",
    "OperatorAct",
    "OwnerIdentified",
    "OwnerUnknown",
    "PaymentActionRequired",
    "PaymentEvent",
    "PaymentRefunded",
    "RefundFailed",
    "RefundRefused",
    "RefundReported",
    "RefundRequested",
    "RenewalOverdue",
    "ReviewReported",
    "SaleCancelled",
    "ShipmentHeld",
    "ShipmentReleased",
    "ShipmentRepeated",
    "ShipmentReported",
    "Source",
    "SubscriptionChanged",
    "SubscriptionEndRequested",
    "WithdrawalDeclared",
]

BillingEvent: TypeAlias = (
    CheckoutCompleted
    | CheckoutExpired
    | CheckoutPaymentFailed
    | SubscriptionChanged
    | InvoicePaid
    | InvoicePaymentFailed
    | InvoicePaymentLinked
    | InvoiceClosed
    | CreditNoteReported
    | PaymentActionRequired
    | PaymentRefunded
    | RefundReported
    | RefundRefused
    | DisputeReported
    | FraudWarningReported
    | ReviewReported
    | RefundFailed
    | DisputeOpened
    | DisputeClosed
    | ShipmentReported
    | OwnerIdentified
    | OwnerUnknown
    | CustomerChanged
    | CustomerDeleted
    | RenewalOverdue
    | AccessDue
    | SaleCancelled
    | ShipmentRepeated
    | ShipmentHeld
    | ShipmentReleased
    | AddressCorrected
    | IntroductionRequested
    | EmailCorrected
    | CaseClosed
    | CaseSnoozed
    | RefundRequested
    | SubscriptionEndRequested
    | WithdrawalDeclared
)
"""The closed set: one reaction each, in billing_worker/reactions."""
