"""Case advice: what an operator does about each kind of case, unless the rule that opens it knows better."""

from collections.abc import Mapping

from egpay.domain.case import CaseKind

ADVICE: Mapping[CaseKind, str] = {
    CaseKind.SECOND_SUBSCRIPTION: (
        "ask the customer which one stays: `egpay subscription end` the other, `egpay sale refund` what it took twice"
    ),
    CaseKind.PAID_TWICE: "`egpay sale refund` the second payment, by its invoice or payment intent",
    CaseKind.PAID_AFTER_END: (
        "`egpay sale refund`, or agree with the buyer on a new order and close the case with that reason"
    ),
    CaseKind.REFUND_FAILED: (
        "agree with the buyer on another way, refund that way, and close the case with that reason"
    ),
    CaseKind.REFUNDED_BUT_RUNNING: (
        "`egpay subscription end` it, or close the case with the reason why it goes on"
    ),
    CaseKind.RETURN: (
        "ask the buyer for the devices; close the case when they are back, or with the reason why they stay"
    ),
    CaseKind.NOT_SHIPPED: (
        "ask the warehouse why; `egpay sale ship-again`, or `refund` the devices by `--line`"
    ),
    CaseKind.PARCEL_BACK: (
        "ask for the right address: `egpay sale correct-address`, then `ship-again`; or `refund` by `--line`"
    ),
    CaseKind.PARCEL_LOST: (
        "have the carrier search for it; `egpay sale ship-again`, or `refund` the devices by `--line`"
    ),
    CaseKind.PAID_NOT_SHIPPED: (
        "ask the buyer; `egpay sale ship-again`, or give the money back and close the case with that reason"
    ),
    CaseKind.PART_REFUNDED: (
        "decide which devices leave: `egpay sale release` for all, else tell the warehouse; then close the case"
    ),
    CaseKind.DISPUTE: (
        "accept it or answer it with evidence at Stripe before it is due; give nothing back another way"
    ),
    CaseKind.FRAUD_WARNING: (
        "`egpay sale refund`, or close it with why it is genuine; what has not left stays held while the warning is"
        " actionable"
    ),
    CaseKind.REVIEW: "approve the payment, or refund it as fraud, in Stripe's reviews",
    CaseKind.AMOUNT: (
        "compare the payment with the order; refund it, or `egpay sale release` because it is right"
    ),
    CaseKind.CURRENCY: (
        "compare the payment with the order by hand; refund it, or `egpay sale release` because it is right"
    ),
    CaseKind.WITHDRAWAL: "take the devices back, refund the buyer, and close the case",
    CaseKind.UNKNOWN_OWNER: (
        "add the e-mail of its owner to the customer at Stripe, or cancel the subscription there"
    ),
    CaseKind.OVERPAID: "refund what is too much, or credit it in Xero, and close the case",
    CaseKind.PAYMENT_UNDONE: "find out in Xero why; have the invoice paid, or cancel the sale",
}
"""By kind; `what` of the case says which objects are meant. No sentence holds personal data."""

REFUSED_REFUND_ADVICE: Mapping[str, str] = {
    "charge_disputed": "accept the dispute, or answer it with evidence at Stripe; give nothing back another way",
    "charge_already_refunded": "all of it went back already: `egpay reconcile` brings that into the books",
    "currency_mismatch": "refund it at Stripe, where the amount is shown in the currency that was charged",
}
"""By the code with which a refund was refused, where it says what is to be done; else the advice of its kind."""
