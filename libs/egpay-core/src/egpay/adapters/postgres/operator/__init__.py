"""Operator access: queries of the database, and the few repairs that are made by hand."""

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
