"""The data dictionary is what the program writes."""

from pathlib import Path

from pos_engine.lake.dictionary import dictionary_page

PAGE = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_the_page_is_the_programs():
    assert PAGE.read_text() == dictionary_page(), "ewarong lake show --dictionary > " + str(PAGE)
