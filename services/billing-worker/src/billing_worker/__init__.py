"""What follows from money: accounts, e-mails and shipments."""
