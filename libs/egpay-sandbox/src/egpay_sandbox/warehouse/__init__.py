"""Warehouse simulator: takes orders by webhook, packs at once, and reports by webhook."""
