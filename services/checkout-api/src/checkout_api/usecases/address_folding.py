"""Address folding: brings names and postal codes to the form in which two spellings are equal.

Only comparisons use it. What is stored and printed on the parcel stays as it was typed.
"""

import re
import unicodedata

_TYPE_WORDS = """
    autonoma autonomous cidade citta city ciudad commonwealth comunidad comunitat condado county da daerah de del
    della departamento department di district distrito do edo emirate estado foral fu governing gwangyeoksi
    huizuzizhiqu istimewa ken metropolis metropolitan metropolitana municipality of parish prefecture principado
    province provincia provinsi region regione republic self sheng shi si special state territory teukbyeoljachido
    teukbyeoljachisi teukbyeolsi the to weiwuerzizhiqu zhuangzuzizhiqu zizhiqu امارة
"""
"""They say what a name is the name of; "do" is of in Portuguese and a province in Korean, "to" is Tokyo's own."""
_TYPES = frozenset(_TYPE_WORDS.split())
_TYPE_ENDINGS = re.compile(
    "(?<=.)(?:特别行政区|特別行政區|壮族自治区|回族自治区|维吾尔自治区|自治区"
    "|특별자치도|특별자치시|특별시|광역시|도|시|省|市|都|府|県|縣|县)$"
)
_LETTERS_OF_ONE_FORM = str.maketrans({"臺": "台", "&": " and "})
_APOSTROPHES = re.compile("['`\u00b4\u02bc\u2019]")
_NO_CODE = re.compile(r"[^0-9A-Z]+")


def _plain(text: str) -> str:
    """Full width, accents and points above or below letters are folded away."""
    apart = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))


def name_forms(text: str) -> frozenset[str]:
    """The folded forms of a name: as it is, and without the words that say what it is a name of ("Province of").

    Empty for a text without a letter or digit.
    """
    plain = _plain(text.translate(_LETTERS_OF_ONE_FORM)).casefold()
    blank_apart = (c if c.isalnum() else " " for c in _APOSTROPHES.sub("", plain))
    words = ["st" if word == "saint" else word for word in "".join(blank_apart).split()]
    whole = "".join(words)
    bare = "".join(word for word in words if word not in _TYPES)
    return frozenset(form for form in (whole, bare, _TYPE_ENDINGS.sub("", whole)) if form)


def fold_code(text: str) -> str:
    """The letters A to Z and digits of a postal code, whatever stands between them: "１００ー０００５" is 1000005."""
    digits = (str(unicodedata.digit(c)) if c.isdecimal() else c for c in _plain(text))
    return _NO_CODE.sub("", "".join(digits).upper())
