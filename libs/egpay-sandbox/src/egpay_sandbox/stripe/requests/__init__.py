"""The parameters Stripe takes, as types: what is not declared here is refused by name."""
