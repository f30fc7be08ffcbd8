"""Metadata within Stripe's limits, so that a sale id that fits here fits there."""

from egpay_sandbox.stripe.api_errors import invalid_parameter
from egpay_sandbox.stripe.objects.customer import Metadata


def merge_metadata(old: Metadata, change: dict[str, str] | str | None, param: str = "metadata") -> Metadata:
    """Merges changed pairs into old ones; an empty value removes a pair, an empty string all of them.

    At most 50 pairs, keys of 40 characters without square brackets, values of 500
    (docs.stripe.com/metadata).
    """
    if change is None:
        return old
    if isinstance(change, str):
        if change:
            raise invalid_parameter("Invalid object", param)
        return {}
    for key, value in change.items():
        if len(key) > 40 or "[" in key or "]" in key:
            raise invalid_parameter(
                f"Metadata keys must be at most 40 characters without brackets: '{key}'.", param
            )
        if len(value) > 500:
            raise invalid_parameter(
                f"Metadata values can have up to 500 characters, but you passed in a value that is "
                f"{len(value)} characters.",
                f"{param}[{key}]",
            )
    pairs = {key: value for key, value in {**old, **change}.items() if value != ""}
    if len(pairs) > 50:
        raise invalid_parameter("You can have up to 50 metadata keys on an object.", param)
    return pairs
