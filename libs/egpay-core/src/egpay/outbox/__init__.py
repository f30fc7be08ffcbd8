"""Transactional outbox: the direct publisher or the relay publishes its rows, the marker marks them."""
