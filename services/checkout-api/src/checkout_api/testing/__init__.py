"""The service in a world of one's own: doubles for what only this service asks of the world, and a client in memory."""
