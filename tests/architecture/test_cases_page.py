"""docs/cases.md has a section for every kind of case, and says which kinds no rule opens yet."""

import re
from pathlib import Path

from egpay.domain.case import CaseKind

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/cases.md").read_text()
WORKER = ROOT / "services/billing-worker/src"
BULLETS = ["What happened", "How it is known", "What to do", "How it ends"]


def test_every_kind_of_case_has_a_section_in_the_order_of_the_code() -> None:
    assert re.findall(r"^### (.+)$", PAGE, re.MULTILINE) == [kind.value for kind in CaseKind]


def test_every_section_says_what_happened_how_it_is_known_what_to_do_and_how_it_ends() -> None:
    sections = re.split(r"^### .+$", PAGE, flags=re.MULTILINE)[1:]
    assert [re.findall(r"^- \*\*(.+?):\*\*", section, re.MULTILINE) for section in sections] == [
        BULLETS
    ] * len(CaseKind)


def test_the_page_names_the_kinds_that_no_rule_opens_yet() -> None:
    sources = "\n".join(file.read_text() for file in WORKER.rglob("*.py"))
    opened = {kind for kind in CaseKind if f"CaseKind.{kind.name}" in sources}
    match = re.search(r"^No rule opens these yet: (.+?)\.$", PAGE, re.MULTILINE | re.DOTALL)
    named = re.findall(r"`(\w+)`", match[1]) if match else []
    assert named == [kind.value for kind in CaseKind if kind not in opened]
