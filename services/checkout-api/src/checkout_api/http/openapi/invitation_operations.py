"""OpenAPI operations of invitations."""

from checkout_api.http import problem_types as problems
from checkout_api.http.openapi.operation import Operation
from checkout_api.http.routes.invitations import RenewalRequested
from checkout_api.usecases.invitations import EnteredUser, InvitationForm

_SAMPLE = {"token": "k3uVgBq0M6yY0p1cT5bXqk2eW9sZ7rD4aJfLhNnQoUw"}
_PROBLEMS = (
    problems.MALFORMED,
    problems.TOO_SLOW,
    problems.TOO_LARGE,
    problems.UNSUPPORTED,
    problems.VALIDATION,
    problems.RATE_LIMITED,
    problems.UNAVAILABLE,
)
INVITATION_OPERATIONS = (
    Operation(
        method="post",
        path="/v1/invitations/redeem",
        tag="product",
        summary="Enter by the token of an introduction e-mail, once: who it is, and for which organisation.",
        body=InvitationForm,
        body_example=_SAMPLE,
        answer=EnteredUser,
        problems=(*_PROBLEMS, problems.INVITATION_USED, problems.INVITATION_EXPIRED),
    ),
    Operation(
        method="post",
        path="/v1/invitations/renew",
        tag="product",
        summary="Ask for a new introduction e-mail by the token of an older one. 202 whether it is known or not.",
        body=InvitationForm,
        body_example=_SAMPLE,
        status=202,
        answer=RenewalRequested,
        problems=_PROBLEMS,
    ),
)
