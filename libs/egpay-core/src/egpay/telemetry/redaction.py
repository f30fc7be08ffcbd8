"""Redaction: masks e-mail addresses, keys and passwords in every log line."""

import re

MASK = "***"

_EDGE = r"\s\"'<>()\[\]{},;:=/\\@"
"""Characters outside a plain mailbox name; a match starts only after one, so that time stays linear."""

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # user, password or token before the host of any URL; greedy, as a password may hold an unescaped @ or /
    (re.compile(r"\b([a-z][a-z0-9+.-]{0,20}://)[^\s\"'<>]{0,512}@", re.IGNORECASE), rf"\1{MASK}@"),
    (re.compile(r"(?<![a-z0-9])(sk|rk|whsec|egk)_[a-z0-9_+/=-]+", re.IGNORECASE), rf"\1_{MASK}"),
    (re.compile(r"\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1 {MASK}"),
    (
        re.compile(
            r"(password|passwd|secret|token|api[_-]?key)(\\?['\"]?\s{0,3}[=:]\s{0,3}\\?['\"]?)[^\s\"'&,;)}\\]+",
            re.IGNORECASE,
        ),
        rf"\1\2{MASK}",
    ),
    (re.compile(r"\"[^\"\s][^\"\n]{0,62}\"(?:@|%40)[\w.-]+"), MASK),
    (re.compile(rf"(?<![^{_EDGE}])(?!\*\*\*@)[^{_EDGE}]+(?:@|%40)[\w-]+(?:\.[\w-]+)*", re.IGNORECASE), MASK),
)


def redact(text: str) -> str:
    """Mask secrets and e-mail addresses in a text; when in doubt, mask.

    Secrets are `sk_`, `rk_`, `whsec_` and our own `egk_` keys, credentials in URLs and headers, and `password=...`.
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
