"""A batch of events is worked on in one transaction: claimed, loaded, folded and saved in six round trips."""

from egpay.adapters.postgres.books.keeping import PostgresBooks

__all__ = ["PostgresBooks"]
