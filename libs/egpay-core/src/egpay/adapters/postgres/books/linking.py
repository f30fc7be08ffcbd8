"""Linking SQL: customers and devices to their organisation, webhooks to their outcome, and links that end."""

from egpay.domain.foreign import TRACED

LINK_CUSTOMERS = "UPDATE customers SET organisation_id = after.organisation_id FROM"
THE_CUSTOMER = "WHERE customers.id = after.customer_id"

# What was asked about comes again under its own id with a word behind it; both say what came of them.
IGNORE = "UPDATE webhook_events SET disposition = 'ignored', reason = set_aside.reason FROM"
ACCEPT = "UPDATE webhook_events SET disposition = 'accepted', reason = NULL FROM"
THE_EVENT = f"""
    WHERE source IN ('stripe', 'reconcile') AND event_id IN (set_aside.id, regexp_replace(set_aside.id, '{TRACED}$', ''))
"""

# Devices that were paid for before the account was opened; what the batch has loaded, its rules have linked themselves.
LINK_DEVICES = """
    UPDATE sales SET organisation_id = opened.organisation_id, changes = sales.changes + 1, updated_at = now()
    FROM unnest({}::text[], {}::text[], {}::text[]) AS opened (organisation_id, email_key, organisation_key)
    WHERE sales.email_key = opened.email_key AND sales.organisation_key = opened.organisation_key
      AND plan IS NULL AND paid_at IS NOT NULL AND sales.organisation_id IS NULL AND sales.id <> ALL({}::text[])
"""

# The link that went to a mistyped address ends with the correction, and not when the next letter can be sent.
EXPIRE = """
    UPDATE invitations SET expires_at = least(expires_at, now()) FROM memberships
    WHERE memberships.user_id = invitations.user_id AND used_at IS NULL AND memberships.organisation_id = ANY({}::text[])
"""
