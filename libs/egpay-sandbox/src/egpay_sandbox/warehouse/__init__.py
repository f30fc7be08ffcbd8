"""A warehouse that takes orders by webhook, packs at once, and says so by webhook."""
