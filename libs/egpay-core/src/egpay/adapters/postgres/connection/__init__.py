"""PostgreSQL connections: pool, engine, locks, schema version, and errors mapped by who must act."""
