"""Parameter validation: parses a request's parameters into a typed value or raises Stripe's error."""

import re
from typing import Any, TypeVar

import msgspec

from egpay_sandbox.api.form_encoding import bracket_name
from egpay_sandbox.stripe.api_errors import StripeApiError, invalid_parameter, missing_parameter
from egpay_sandbox.stripe.requests.paging import Params

P = TypeVar("P", bound=Params)

_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<name>[^`]+)`(?: - at `(?P<path>[^`]+)`)?$")
_MISSING = re.compile(r"^Object missing required field `(?P<name>[^`]+)`(?: - at `(?P<path>[^`]+)`)?$")
_OTHER = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]+)`)?$", re.DOTALL)
_HOSTED = "Invalid ui_mode: must be one of embedded_page, form, elements, or hosted_page"


def parse_params(kind: type[P], values: dict[str, Any]) -> P:
    """Converts parameters from strings to the types of `kind`.

    Unknown names are refused as `parameter_unknown` (docs.stripe.com/error-codes#parameter-unknown).
    """
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _to_api_error(str(error)) from None


def _to_api_error(text: str) -> StripeApiError:
    if found := _UNKNOWN.match(text):
        name = _param_name(found)
        return invalid_parameter(f"Received unknown parameter: {name}", name, "parameter_unknown")
    if found := _MISSING.match(text):
        return missing_parameter(_param_name(found))
    found = _OTHER.match(text)
    what, path = (found["what"], found["path"]) if found else (text, None)
    name = bracket_name(path or "$")
    if name == "ui_mode":
        return invalid_parameter(_HOSTED, name)
    if "Expected `int" in what and "got `str`" in what:
        return invalid_parameter(f"Invalid integer: {name}", name, "parameter_invalid_integer")
    return invalid_parameter(f"Invalid {name}: {what}", name)


def _param_name(found: "re.Match[str]") -> str:
    return bracket_name(f"{found['path'] or '$'}.{found['name']}")
