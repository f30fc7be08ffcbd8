"""Portal visit: a customer on their own billing pages, by a link that is still open."""

from dataclasses import dataclass

from litestar import Response

from egpay_sandbox.pages.page_rendering import render_ended
from egpay_sandbox.request_values import SandboxRequest, sandbox_of
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.objects import Customer, PortalConfiguration, PortalSession, Subscription
from egpay_sandbox.stripe.portal_changes import own_subscription
from egpay_sandbox.stripe.portal_sessions import configuration_of, find_portal, is_expired, use_portal

_EXPIRED = (
    "This link has expired. It has to be opened within five minutes; please ask the shop for a new one."
)


class PortalClosed(Exception):
    """Raised for a link that opens nothing, or nothing any more; `back` is the shop's address."""

    def __init__(self, status: int, title: str, text: str, back: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.title = title
        self.text = text
        self.back = back


@dataclass(frozen=True, slots=True)
class PortalVisit:
    """The session with its customer and with what its configuration allows."""

    account: SandboxAccount
    portal: PortalSession
    configuration: PortalConfiguration
    home: str

    @property
    def customer(self) -> Customer:
        """The customer as it is now."""
        return self.account.customers[self.portal.customer]

    def subscription(self, subscription_id: str) -> Subscription:
        """Loads a subscription of this customer, or raises StripeApiError."""
        return own_subscription(self.account, self.portal, subscription_id)


def enter_portal(request: SandboxRequest, token: str) -> PortalVisit:
    """Enters by a link, which lives longer for it; raises PortalClosed for one that was never made or has expired."""
    account = sandbox_of(request).account
    portal = find_portal(account, token)
    if portal is None or account.customers[portal.customer].deleted:
        raise PortalClosed(404, "Not found", "This billing link is not valid.")
    if is_expired(account, portal):
        raise PortalClosed(410, "This link has expired", _EXPIRED, portal.return_url or "")
    portal = use_portal(account, portal)
    return PortalVisit(account, portal, configuration_of(account, portal), f"/p/session/{token}")


def show_closed(_: SandboxRequest, closed: PortalClosed) -> Response[str]:
    """Shows that the link opens nothing, with the way back to the shop."""
    return render_ended(closed.status, closed.title, closed.text, back=closed.back)


def show_refusal(request: SandboxRequest, refusal: StripeApiError) -> Response[str]:
    """Shows what the portal does not do, with the way back into it."""
    home = f"/p/session/{request.path_params['token']}"
    return render_ended(
        refusal.status, "This is not possible", refusal.message, back=home, back_text="Back to billing"
    )
