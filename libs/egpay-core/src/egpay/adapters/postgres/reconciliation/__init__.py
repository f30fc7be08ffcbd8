"""Where the reconciler stands: what our inbox and our books know already, and who of many may look."""

from egpay.adapters.postgres.reconciliation.leader_lock import PostgresLeadership
from egpay.adapters.postgres.reconciliation.state import PostgresLedger

__all__ = ["PostgresLeadership", "PostgresLedger"]
