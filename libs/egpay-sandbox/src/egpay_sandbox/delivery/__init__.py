"""How the world is told: signed posts that are retried, recorded, and disturbed on demand."""
