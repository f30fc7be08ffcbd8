"""Ports: what egpay needs from the world, one file per need; adapters implement them."""
