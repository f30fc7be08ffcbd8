"""Connections to PostgreSQL: pool, engine, locks, the schema version, and errors told apart by who must act."""
