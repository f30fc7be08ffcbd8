"""HTML pages of Checkout, billing portal, mailbox, warehouse and dashboard."""
