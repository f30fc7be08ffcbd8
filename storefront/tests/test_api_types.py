"""The types by which the store's scripts are checked are those of the API as it is."""

from pathlib import Path

from checkout_api.http.openapi.typescript import declarations

CHECKS = Path(__file__).resolve().parents[1] / "checks"


def test_the_types_of_the_api_are_made_of_its_description() -> None:
    written = (CHECKS / "api.d.ts").read_text()
    command = "python -m checkout_api.http.openapi.typescript > storefront/checks/api.d.ts"
    assert written == declarations(), f"run .venv/bin/{command}"


def test_a_word_is_one_of_its_list_and_what_may_be_left_out_is_marked() -> None:
    declared = declarations()
    assert 'export type Kind = "device" | "subscription";' in declared
    assert "  interval?: Interval | null;\n  interval_count?: number;\n" in declared
    assert "  line_items: LineItem[];\n" in declared
    assert "  checks?: Record<string, string>;\n" in declared
