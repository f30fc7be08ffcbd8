"""The pages a person clicks through: Checkout, billing portal, mailbox, warehouse, and the control desk."""
