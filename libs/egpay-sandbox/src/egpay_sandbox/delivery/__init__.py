"""Webhook delivery: signed POSTs that are retried, recorded, and disturbed on demand."""
