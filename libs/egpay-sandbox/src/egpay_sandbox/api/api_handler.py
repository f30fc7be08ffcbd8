"""The one way into the API: key, outage, parameters, idempotency, work, answer — in Stripe's order."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response

from egpay_sandbox.api.api_operation import Call, Operation
from egpay_sandbox.api.expansion import expanded
from egpay_sandbox.api.form_encoding import nested
from egpay_sandbox.api.idempotency import FirstAnswers, fingerprint
from egpay_sandbox.api.operations import OPERATIONS
from egpay_sandbox.api.outage import Outage
from egpay_sandbox.api.param_parsing import read
from egpay_sandbox.api.wire_format import (
    Answer,
    Asked,
    as_json,
    outage_answer,
    refusal,
    response,
    taken_apart,
)
from egpay_sandbox.delivery.delivery_log import Ledger
from egpay_sandbox.stripe.account import Account
from egpay_sandbox.stripe.api_errors import Refused
from egpay_sandbox.stripe.objects import Cause


@dataclass(frozen=True, slots=True)
class Door:
    """Answers every request under /v1."""

    account: Account
    ledger: Ledger
    outage: Outage
    first_answers: FirstAnswers

    async def __call__(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """The whole way, from the wire to the wire."""
        asked = await taken_apart(request)
        struck = self.outage.strikes(asked.path)
        if struck is not None and struck.when == "before":
            return await outage_answer(struck, asked)
        answer = self._answer(asked)
        if struck is not None:
            return await outage_answer(struck, asked)
        return response(answer, asked)

    def _answer(self, asked: Asked) -> Answer:
        try:
            _check_key(asked)
            return self._once(asked)
        except Refused as refused:
            return Answer(refused.status, refusal(refused, asked))

    def _once(self, asked: Asked) -> Answer:
        if asked.method != "POST" or asked.key is None:
            return self._work(asked)
        now = self.account.clock.now()
        print_ = fingerprint(asked.method, asked.path, asked.pairs)
        first = self.first_answers.recall(asked.key, print_, now)
        if first is not None:
            return Answer(first.status, first.body, replayed=True)
        try:
            answer = self._work(asked)
        except Refused as refused:
            answer = Answer(refused.status, refusal(refused, asked))
        self.first_answers.keep(
            asked.key, print_, answer.status, answer.body, request=asked.request_id, now=now
        )
        return answer

    def _work(self, asked: Asked) -> Answer:
        operation, row_id = _operation(asked)
        params = read(operation.params, nested(asked.pairs))
        self.account.cause = Cause(request=asked.request_id, idempotency_key=asked.key)
        try:
            said = operation.run(Call(self.account, self.ledger, params, row_id))
        finally:
            self.account.cause = Cause()
        return Answer(200, as_json(expanded(self.account, said, params.expand)))


def _check_key(asked: Asked) -> None:
    kind, _, key = asked.authorization.partition(" ")
    if kind.lower() != "bearer" or not key.startswith(("sk_test_", "rk_test_")):
        message = (
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
            if not key
            else f"Invalid API Key provided: {key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}"
        )
        raise Refused(message, status=401)


def _operation(asked: Asked) -> tuple[Operation, str]:
    for operation in OPERATIONS:
        row_id = operation.match(asked.method, asked.path)
        if row_id is not None:
            return operation, row_id
    raise Refused(f"Unrecognized request URL ({asked.method}: {asked.path}).", status=404)
