"""Variables of egpay: their names, from the settings of the programs that read them."""

import msgspec

from billing_worker.settings import BillingWorkerSettings
from checkout_api.settings import CheckoutApiSettings
from egpay_cli.settings import DoctorSettings, OwnerSettings

PROGRAMS: dict[str, type[msgspec.Struct]] = {
    "checkout-api": CheckoutApiSettings,
    "billing-worker": BillingWorkerSettings,
    "egpay": OwnerSettings,
    "egpay doctor": DoctorSettings,
}


def names(kind: type[msgspec.Struct]) -> frozenset[str]:
    """Returns the variables from which these settings are read."""
    return frozenset(field.upper() for field in kind.__struct_fields__)


ALL = frozenset[str]().union(*map(names, PROGRAMS.values()))
EVERY_SPELLING = ALL | {f"{name}_FILE" for name in ALL}
