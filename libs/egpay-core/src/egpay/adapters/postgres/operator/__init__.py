"""Operator access: queries of the database, and the few repairs that are made by hand.

Loaded by name, because a command that only reads needs no SQLAlchemy, which takes most of a command's start.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from egpay.adapters.postgres.operator.accesses import PostgresAccessQueries
    from egpay.adapters.postgres.operator.cases import PostgresCaseQueries
    from egpay.adapters.postgres.operator.operator_queries import PostgresOperatorQueries
    from egpay.adapters.postgres.operator.repair import open_repair

__all__ = [
    "PostgresAccessQueries",
    "PostgresCaseQueries",
    "PostgresOperatorQueries",
    "open_repair",
]
_PLACES = {
    "PostgresAccessQueries": "accesses",
    "PostgresCaseQueries": "cases",
    "PostgresOperatorQueries": "operator_queries",
    "open_repair": "repair",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
