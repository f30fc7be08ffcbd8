"""Adapters of checkout-api: one record of ports, so that a test can pass others."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TypeAlias

from checkout_api.http.static_site import SiteFile
from checkout_api.usecases.checkout_sessions import CreateCustomer, OpenCheckout
from checkout_api.usecases.late_webhook import LookAtSession
from checkout_api.usecases.sale_documents import FindInvoicePage
from egpay.domain.portal_link import PortalLinkId
from egpay.domain.values import SaleId
from egpay.ports.accesses import GrantedAccesses
from egpay.ports.clock import Clock
from egpay.ports.inbox import Inbox
from egpay.ports.outbox import Outbox, Publisher
from egpay.ports.portal_links import OpenPortal
from egpay.ports.sale_versions import SaleVersions
from egpay.ports.storage import Begin
from egpay.ports.webhooks import WebhookReader
from egpay.runtime.readiness import Check

Opened: TypeAlias = Callable[[], AbstractAsyncContextManager[None]]
"""Holds every connection open while its block runs; entering it must not need the other side to be up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """Everything that is not this service."""

    begin: Begin
    inbox: Inbox
    outbox: Outbox
    broker: Publisher
    accesses: GrantedAccesses
    sale_versions: SaleVersions
    create_customer: CreateCustomer
    open_checkout: OpenCheckout
    open_portal: OpenPortal
    look_at_session: LookAtSession
    invoice_page: FindInvoicePage
    stripe: WebhookReader
    warehouse: WebhookReader
    clock: Clock
    new_sale_id: Callable[[], SaleId]
    new_portal_link_id: Callable[[], PortalLinkId]
    new_customer_token: Callable[[], str]
    site: Mapping[str, SiteFile] = field(default_factory=dict)
    """The files of the storefront, where it is served here."""
    checks: Mapping[str, Check] = field(default_factory=dict)
    """Without one of these no work is done."""
    degrading_checks: Mapping[str, Check] = field(default_factory=dict)
    """Without one of these work is done later."""
    opened: Opened = nullcontext
