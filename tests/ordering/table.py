"""Every scenario, once: `tag` makes its ids its own."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from buying import BUYING
from giving_back import GIVING_BACK
from living_on import LIVING_ON
from paying import PAYING
from scenario import Scenario

Build: TypeAlias = Callable[[str], Scenario]

TABLE: dict[str, Build] = {
    f"{build('t').number} {build('t').name}": build for build in (*BUYING, *PAYING, *GIVING_BACK, *LIVING_ON)
}

each_scenario = pytest.mark.parametrize("build", list(TABLE.values()), ids=list(TABLE))
