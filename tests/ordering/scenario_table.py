"""Table of every scenario, once: `tag` makes its ids its own."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from access_scenarios import ACCESS_SCENARIOS
from act_scenarios import ACT_SCENARIOS
from device_scenarios import DEVICE_SCENARIOS
from money_act_scenarios import MONEY_ACT_SCENARIOS
from money_scenarios import MONEY_SCENARIOS
from organisation_scenarios import ORGANISATION_SCENARIOS
from ownership_scenarios import OWNERSHIP_SCENARIOS
from payment_scenarios import PAYMENT_SCENARIOS
from purchase_scenarios import PURCHASE_SCENARIOS
from refund_scenarios import REFUND_SCENARIOS
from renewal_scenarios import RENEWAL_SCENARIOS
from scenario import Scenario
from second_subscription_scenarios import SECOND_SUBSCRIPTION_SCENARIOS
from withdrawal_scenarios import WITHDRAWAL_SCENARIOS

Build: TypeAlias = Callable[[str], Scenario]

SCENARIOS: dict[str, Build] = {
    f"{build('t').number} {build('t').name}": build
    for build in (
        *PURCHASE_SCENARIOS,
        *PAYMENT_SCENARIOS,
        *REFUND_SCENARIOS,
        *MONEY_SCENARIOS,
        *DEVICE_SCENARIOS,
        *RENEWAL_SCENARIOS,
        *OWNERSHIP_SCENARIOS,
        *SECOND_SUBSCRIPTION_SCENARIOS,
        *ORGANISATION_SCENARIOS,
        *ACCESS_SCENARIOS,
        *ACT_SCENARIOS,
        *MONEY_ACT_SCENARIOS,
        *WITHDRAWAL_SCENARIOS,
    )
}

each_scenario = pytest.mark.parametrize("build", list(SCENARIOS.values()), ids=list(SCENARIOS))
