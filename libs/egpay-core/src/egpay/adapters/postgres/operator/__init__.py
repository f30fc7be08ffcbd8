"""What an operator sees of the database, and the few things that are mended there by hand."""

from egpay.adapters.postgres.operator.operator_queries import PostgresArchive
from egpay.adapters.postgres.operator.repair import bench

__all__ = ["PostgresArchive", "bench"]
