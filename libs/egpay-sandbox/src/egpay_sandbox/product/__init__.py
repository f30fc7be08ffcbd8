"""Product: what was sold, as it hears of organisations and access by signed webhooks."""
