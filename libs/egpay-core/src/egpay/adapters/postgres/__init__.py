"""PostgreSQL: the one place where anything is kept for good."""
