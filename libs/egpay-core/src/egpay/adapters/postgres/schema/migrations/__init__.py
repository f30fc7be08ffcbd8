"""Alembic migrations: small steps, each of which can be downgraded."""
