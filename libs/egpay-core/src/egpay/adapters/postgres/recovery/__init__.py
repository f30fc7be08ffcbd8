"""Where the reconciler stands: what our inbox and our books know already, and who of many may look."""

from egpay.adapters.postgres.recovery.leadership import PostgresLeadership
from egpay.adapters.postgres.recovery.ledger import PostgresLedger

__all__ = ["PostgresLeadership", "PostgresLedger"]
