"""What happened at Stripe: a stateful account whose books a test may compare with egpay's."""
