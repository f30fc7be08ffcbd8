"""Sandbox: stand-ins for Stripe, warehouse and mailbox in one process; a purchase needs no account."""
