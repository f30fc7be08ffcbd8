"""Currencies: those that Stripe charges in, with their digits, their steps and the least charge.

docs.stripe.com/currencies. An amount is an integer of minor units everywhere; what a minor unit is, this table says.
"""

from collections.abc import Mapping

import msgspec

from egpay.domain.errors import Refusal

LARGEST_AMOUNT = 99_999_999
"""In minor units: eight digits, the most that Stripe charges at once."""


class Currency(msgspec.Struct, frozen=True, kw_only=True):
    """Currency: `digits` behind the point, `step` that every amount is a multiple of, `least` that a charge is."""

    digits: int = 2
    step: int = 1
    least: int = 1


_NONE = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
_THREE = "bhd jod kwd omr tnd"
_WHOLE = "isk ugx"
_TWO = """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc
    cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr jmd kes kgs khr kyd
    kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php
    pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah usd uyu uzs
    wst xcd xcg yer zar zmw
"""
_LEAST = """
    aed 200 aud 50 bgn 100 brl 50 cad 50 chf 50 czk 1500 dkk 250 eur 50 gbp 30 hkd 400 huf 17500 inr 50 jpy 50
    mxn 1000 myr 200 nok 300 nzd 50 pln 200 ron 200 sek 300 sgd 50 thb 1000 usd 50
"""


def _table() -> dict[str, Currency]:
    words = _LEAST.split()
    least = dict(zip(words[::2], map(int, words[1::2]), strict=True))
    kinds = ((_TWO, 2, 1), (_NONE, 0, 1), (_THREE, 3, 10), (_WHOLE, 2, 100))
    return {
        code: Currency(digits=digits, step=step, least=least.get(code, step))
        for codes, digits, step in kinds
        for code in codes.split()
    }


CURRENCIES: Mapping[str, Currency] = _table()
"""By code in lower case. ISK and UGX have two digits at Stripe, which are always 00."""


def shown(amount: int, currency: str | None) -> str:
    """Write an amount for people, with the currency's own digits: `49.00 EUR`, `4900 JPY`, `1.500 KWD`.

    Of a currency that is not reported yet it writes the minor units: `4900 minor units`.
    """
    if currency is None:
        return f"{amount} minor units"
    digits = CURRENCIES.get(currency, Currency()).digits
    whole, part = divmod(abs(amount), 10**digits)
    fraction = f".{part:0{digits}}" if digits else ""
    return f"{'-' if amount < 0 else ''}{whole}{fraction} {currency.upper()}"


def minor_units(text: str, currency: str) -> int:
    """Read an amount as a person types it, such as `12.50`; raises Refusal for one that the currency does not have."""
    digits, step = CURRENCIES.get(currency, Currency()).digits, CURRENCIES.get(currency, Currency()).step
    whole, point, part = text.strip().partition(".")
    if not (whole.isascii() and whole.isdecimal()) or (point and not (part.isascii() and part.isdecimal())):
        raise Refusal(f"{text!r} is no amount; write it like {shown(10**digits * 12, currency).split()[0]}")
    if len(part) > digits:
        raise Refusal(f"{currency.upper()} has {digits} digits behind the point")
    amount = int(whole + part.ljust(digits, "0"))
    if amount % step:
        raise Refusal(f"Stripe takes no less of {currency.upper()} than {shown(step, currency)}")
    return amount


def amount_fault(amount: int, currency: str) -> str | None:
    """Why a price cannot be charged in this currency, or None."""
    step = CURRENCIES[currency].step
    if not 0 <= amount <= LARGEST_AMOUNT:
        return f"must be from 0 to {LARGEST_AMOUNT} in minor units"
    if amount % step:
        return f"must be a multiple of {step}, because Stripe charges no less of {currency.upper()}"
    return None


def charge_fault(amount: int, currency: str) -> str | None:
    """Why so much cannot be due at once, or None; nothing at all may be."""
    least = CURRENCIES.get(currency, Currency()).least
    if 0 < amount < least:
        return f"cost {shown(amount, currency)} together; a payment is at least {shown(least, currency)}"
    if amount > LARGEST_AMOUNT:
        return "cost more together than one payment can carry"
    return None
