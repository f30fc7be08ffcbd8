"""Portal link: the right to open an organisation's billing portal once, by a link in an e-mail.

(request) --live subscription--> ISSUED --opened--> USED
    |                              |   ^             |
    | unknown e-mail, or one       |   +--portal away+
    | that is unused in a mailbox  | 30 minutes
    v                              v
 (dropped)                      EXPIRED
"""

from datetime import timedelta
from typing import NewType

PortalLinkId = NewType("PortalLinkId", str)

LINK_LIFETIME = timedelta(minutes=30)
"""Validity of a link, from when it is e-mailed."""

MAIL_INTERVAL = timedelta(minutes=10)
"""Least time between two e-mails to one address while the last link is unused.

A stranger can so send six an hour at most to an owner, and cannot keep one that works from them."""
