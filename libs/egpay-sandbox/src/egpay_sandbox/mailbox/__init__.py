"""Mailbox: catches every e-mail that is sent in development, so that none leaves the machine."""
