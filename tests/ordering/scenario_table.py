"""Every scenario, once: `tag` makes its ids its own."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from payment_scenarios import PAYING
from purchase_scenarios import BUYING
from refund_scenarios import GIVING_BACK
from renewal_scenarios import LIVING_ON
from scenario import Scenario

Build: TypeAlias = Callable[[str], Scenario]

TABLE: dict[str, Build] = {
    f"{build('t').number} {build('t').name}": build for build in (*BUYING, *PAYING, *GIVING_BACK, *LIVING_ON)
}

each_scenario = pytest.mark.parametrize("build", list(TABLE.values()), ids=list(TABLE))
