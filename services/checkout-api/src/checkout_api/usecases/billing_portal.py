"""Billing portal: a link by e-mail, asked for by anybody, that opens the owner's portal once."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from checkout_api.usecases.errors import (
    FieldError,
    InvalidOrder,
    LinkGone,
    PaymentProviderDown,
    PaymentProviderRefused,
)
from checkout_api.usecases.form_parser import parse_form
from checkout_api.usecases.order_form import EmailText
from checkout_api.usecases.order_validation import is_deliverable
from egpay.domain.account import token_hash
from egpay.domain.commands import SendPortalLink
from egpay.domain.errors import Defect, Outage
from egpay.domain.events import Source
from egpay.domain.portal_link import CUSTOMER_TOKEN_LIFETIME, PortalLinkId
from egpay.domain.values import MessageId, email_key
from egpay.ports.clock import Clock
from egpay.ports.portal_links import OpenPortal, UsedLink
from egpay.ports.storage import Begin

NOT_DELIVERABLE = FieldError("email", "is not an e-mail address that mail can be sent to")


class PortalForm(msgspec.Struct, frozen=True, kw_only=True):
    """A request for a link to the billing portal, mailed to this address if it owns a subscription."""

    email: EmailText


@dataclass(frozen=True, slots=True)
class RequestPortalLink:
    """Stores a request for a link; the worker decides whether there is one to mail.

    The statements are the same for every e-mail, so neither the answer nor its time says whether one is known.
    """

    begin: Begin
    clock: Clock
    new_link_id: Callable[[], PortalLinkId]

    async def __call__(self, body: object) -> None:
        """Store the request of `body`, decoded JSON. Raises InvalidOrder, and Outage without the database."""
        form = parse_form(PortalForm, body)
        typed = form.values.get("email", "")
        if form.errors or not is_deliverable(typed):
            raise InvalidOrder(form.errors or (NOT_DELIVERABLE,))
        now, link = self.clock(), self.new_link_id()
        async with self.begin() as uow:
            await uow.portal_links.request(link, email_key(typed), at=now)
            await uow.commands.put(
                SendPortalLink(
                    id=MessageId(f"portal:{link}"), occurred_at=now, source=Source.STOREFRONT, link_id=link
                )
            )


@dataclass(frozen=True, slots=True)
class OpenBillingPortal:
    """Opens the billing portal of the subscription that is live now, by the token of a link.

    The portal leads back to the storefront with a customer token, by which an order uses the known customer: who holds
    it had the mailbox. It is another one than the link's, which stands in the logs of proxies.
    """

    begin: Begin
    open_portal: OpenPortal
    clock: Clock
    new_token: Callable[[], str]
    patience: timedelta = timedelta(seconds=20)
    """Timeout of the provider's answer, as the customer waits for it."""

    async def __call__(self, token: str) -> str:
        """Use the link; return the portal's URL.

        Raises LinkGone for a link that is unknown, used or expired, in the same words. When the provider is down, the
        link stays usable.
        """
        now, customer_token = self.clock(), self.new_token()
        async with self.begin() as uow:
            link = await uow.portal_links.use(token_hash(token), at=now)
            if link is None:
                raise LinkGone("this link does not work, or not any more")
            await uow.portal_links.issue_customer_token(
                token_hash(customer_token), link.email_key, at=now, until=now + CUSTOMER_TOKEN_LIFETIME
            )
        try:
            return await self._opened(link, customer_token)
        except (PaymentProviderDown, PaymentProviderRefused):
            with contextlib.suppress(Outage):
                async with self.begin() as uow:
                    await uow.portal_links.give_back(link.id)
            raise

    async def _opened(self, link: UsedLink, customer_token: str) -> str:
        # a failure of the provider's is cached under its key, and another token is another request
        key = f"portal:{link.id}:{token_hash(customer_token).hex()[:16]}"
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                return await self.open_portal(link.customer_id, key, customer_token)
        except TimeoutError:
            raise PaymentProviderDown("the payment provider is slow", retry_after=5) from None
        except Outage as outage:
            raise PaymentProviderDown(str(outage), retry_after=5) from outage
        except Defect as defect:
            raise PaymentProviderRefused(str(defect)) from defect
