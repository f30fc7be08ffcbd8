"""PostgreSQL adapter: the only durable storage of record."""
