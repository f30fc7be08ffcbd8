"""Where the reconciler stands: what our inbox and our books know already, and who of many may look."""

from egpay.adapters.postgres.reconciliation.leader_lock import PostgresLeaderLock
from egpay.adapters.postgres.reconciliation.state import PostgresReconciliationState

__all__ = ["PostgresLeaderLock", "PostgresReconciliationState"]
