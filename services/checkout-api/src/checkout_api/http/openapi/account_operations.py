"""OpenAPI operations of an account: the way to its billing portal, and into it by an invitation."""

from checkout_api.http import problem_types as problems
from checkout_api.http.openapi.common_problems import BODY, PROVIDER
from checkout_api.http.openapi.examples import ORGANISATION_ID, TOKEN
from checkout_api.http.openapi.operation import Operation
from checkout_api.http.routes.billing_portal import PortalLinkRequested
from checkout_api.http.routes.invitations import RenewalRequested
from checkout_api.http.routes.leading import Destination
from checkout_api.usecases.billing_portal import PortalForm
from checkout_api.usecases.invitations import EnteredUser, InvitationForm

_TOKEN = {"token": TOKEN}
ACCOUNT_OPERATIONS = (
    Operation(
        method="post",
        path="/v1/billing-portal/sessions",
        name="requestBillingPortalLink",
        tag="storefront",
        summary="Ask for a portal link",
        description="Mails a link to the billing portal, if the e-mail has a subscription. The answer and its time are"
        " the same whether it is known or not.",
        body=PortalForm,
        body_example={"email": "orla@harbour.example"},
        status=202,
        answer=PortalLinkRequested,
        example={"detail": PortalLinkRequested().detail},
        problems=BODY,
    ),
    Operation(
        method="get",
        path="/v1/billing-portal/sessions/{token}",
        name="openBillingPortal",
        tag="storefront",
        summary="Open the billing portal",
        description="Leads to a fresh session of the billing portal, by an e-mail's link, once and within 30 minutes. It"
        " leads back to the storefront at `/#customer_token=...`, which an order may hold for an hour.",
        parameters=("Token",),
        leads_on=True,
        answer=Destination,
        example={"url": "https://billing.stripe.com/p/session/test_1"},
        problems=(problems.LINK_GONE, *PROVIDER),
    ),
    Operation(
        method="post",
        path="/v1/invitations/redeem",
        name="redeemInvitation",
        tag="product",
        summary="Enter by an invitation",
        description="Lets an admin in by the token of an introduction, once: who it is, and for which organisation.",
        body=InvitationForm,
        body_example=_TOKEN,
        answer=EnteredUser,
        example={
            "user_id": "usr_3f9a0c2b7d1e48a6b5c4d3e2",
            "organisation_id": ORGANISATION_ID,
            "organisation": "Harbour Cycling Club",
            "email": "orla@harbour.example",
            "app_url": "https://app.shop.example",
        },
        problems=(*BODY, problems.INVITATION_USED, problems.INVITATION_EXPIRED),
    ),
    Operation(
        method="post",
        path="/v1/invitations/renew",
        name="renewInvitation",
        tag="product",
        summary="Ask for a new invitation",
        description="Mails a new introduction for the token of an older one. The answer is the same whether it is known"
        " or not.",
        body=InvitationForm,
        body_example=_TOKEN,
        status=202,
        answer=RenewalRequested,
        example={"detail": RenewalRequested().detail},
        problems=BODY,
    ),
)
