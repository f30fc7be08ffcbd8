"""Books in PostgreSQL: claims, loads, folds and saves a batch in one transaction, six round trips."""

from egpay.adapters.postgres.books.keeping import PostgresBooks

__all__ = ["PostgresBooks"]
