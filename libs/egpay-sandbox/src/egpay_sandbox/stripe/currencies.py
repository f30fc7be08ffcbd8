"""Currencies: those that Stripe charges in, what one charge is at least, and amounts that cannot be charged.

docs.stripe.com/currencies
"""

from egpay_sandbox.stripe.api_errors import StripeApiError, invalid_parameter

_NONE = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
_THREE = "bhd jod kwd omr tnd"
_TWO = """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc
    cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr jmd kes kgs khr kyd
    kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php
    pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah usd uyu uzs
    wst xcd xcg yer zar zmw
"""
_THREE_DECIMALS = frozenset(_THREE.split())
_WHOLE_UNITS = frozenset(("isk", "ugx"))
_KNOWN = _THREE_DECIMALS | _WHOLE_UNITS | frozenset(_NONE.split()) | frozenset(_TWO.split())
_LEAST = {
    "aed": 200,
    "aud": 50,
    "bgn": 100,
    "brl": 50,
    "cad": 50,
    "chf": 50,
    "czk": 1500,
    "dkk": 250,
    "eur": 50,
    "gbp": 30,
    "hkd": 400,
    "huf": 17_500,
    "inr": 50,
    "jpy": 50,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "nzd": 50,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "sgd": 50,
    "thb": 1000,
    "usd": 50,
}


def checked_currency(currency: str, param: str) -> str:
    """Returns the currency in lower case; refuses one that Stripe does not know."""
    lower = currency.lower()
    if lower not in _KNOWN:
        raise invalid_parameter(f"Invalid currency: {lower}. Stripe does not support it.", param)
    return lower


def minor_digits(currency: str) -> int:
    """Returns how many digits of an amount of minor units stand behind the point."""
    return 3 if currency in _THREE_DECIMALS else 0 if currency in _NONE.split() else 2


def whole_units(currency: str) -> bool:
    """Whether its two digits are always 00, which people do not write."""
    return currency in _WHOLE_UNITS


def check_amount(amount: int, currency: str, param: str) -> None:
    """Refuses a fraction that the currency cannot be charged with."""
    step = 10 if currency in _THREE_DECIMALS else 100 if currency in _WHOLE_UNITS else 1
    if amount % step:
        raise invalid_parameter(f"Invalid amount: {currency} takes multiples of {step}.", param)


def check_charge(amount: int, currency: str) -> None:
    """Refuses a charge below the currency's least one; nothing at all may be due."""
    least = _LEAST.get(currency, 1)
    if 0 < amount < least:
        raise StripeApiError(
            f"The Checkout Session's total amount due must add up to at least {least} {currency} in minor units.",
            code="amount_too_small",
        )
