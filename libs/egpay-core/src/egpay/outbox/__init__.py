"""Transactional outbox on its way to the broker: published from memory, by the relay, and marked."""
