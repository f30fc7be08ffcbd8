"""HTTP service: takes orders, opens Checkout sessions, and stores webhooks before it answers 200."""
