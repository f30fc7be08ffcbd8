"""Portal link: the right to open an organisation's billing portal once, by a link in an e-mail.

(request) --live subscription--> ISSUED --opened--> USED
    |                              |   ^             |
    | unknown e-mail, or one       |   +--portal away+
    | that is unused in a mailbox  | 30 minutes
    v                              v
 (dropped)                      EXPIRED

Who opened the portal returns to the storefront with a customer token, which makes an order use the known customer.
"""

from datetime import timedelta
from typing import NewType

PortalLinkId = NewType("PortalLinkId", str)

LINK_LIFETIME = timedelta(minutes=30)
"""Validity of a link, from when it is e-mailed."""

CUSTOMER_TOKEN_LIFETIME = timedelta(hours=1)
"""Validity of a customer token, from when the portal was opened by a link: as long as a buyer takes to fill a cart."""

MAIL_INTERVAL = timedelta(minutes=10)
"""Least time between two e-mails to one address while the last link is unused.

A stranger can so send six an hour at most to an owner, and cannot keep one that works from them."""
