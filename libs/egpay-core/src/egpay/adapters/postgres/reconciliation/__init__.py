"""Reconciliation in PostgreSQL: its state, compared with inbox and books, and its leader lock."""

from egpay.adapters.postgres.reconciliation.leader_lock import PostgresLeaderLock
from egpay.adapters.postgres.reconciliation.state import PostgresReconciliationState

__all__ = ["PostgresLeaderLock", "PostgresReconciliationState"]
