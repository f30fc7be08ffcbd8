"""Portal sessions: a link that has to be opened within five minutes, and then lives for an hour after each use.

docs.stripe.com/customer-management/integrate-customer-portal: a session that was not opened expires after five minutes.
"""

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import PortalConfiguration, PortalSession

_UNUSED_SECONDS = 5 * 60
_IDLE_SECONDS = 60 * 60
_NOTHING = PortalConfiguration(id="", created=0)


def find_portal(account: SandboxAccount, token: str) -> PortalSession | None:
    """Loads the session behind a link; None for a link that was never made."""
    portal = account.portals.get(token.rpartition("_")[0])
    return portal if portal is not None and portal.url.endswith(f"/{token}") else None


def is_expired(account: SandboxAccount, portal: PortalSession) -> bool:
    """Whether the link was opened too late, or not used for too long."""
    if portal.used_at is None:
        return account.clock.now() >= portal.created + _UNUSED_SECONDS
    return account.clock.now() >= portal.used_at + _IDLE_SECONDS


def use_portal(account: SandboxAccount, portal: PortalSession) -> PortalSession:
    """Stores that the session is used now."""
    return account.portals.store(msgspec.structs.replace(portal, used_at=account.clock.now()))


def configuration_of(account: SandboxAccount, portal: PortalSession) -> PortalConfiguration:
    """Returns what the session's portal allows, as it is configured now; nothing without a configuration."""
    return account.portal_configurations.get(portal.configuration) or _NOTHING
