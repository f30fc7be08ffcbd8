"""What egpay needs from the world, one file per need; adapters give it, use cases only know these words."""
