"""The Markdown report says the same, and no value becomes markup in it."""

import re

import pytest

from watchkeeper.model.incident import Case
from watchkeeper.model.language import LANGUAGES, Language
from watchkeeper.reporting.cited import Cited, cited
from watchkeeper.reporting.markdown import escaped, markdown
from watchkeeper.reporting.page import detailed


def rendered(case: Case, language: Language) -> str:
    evidence: dict[str, Cited] = {incident.id: cited(incident, None, None) for incident in detailed(case)}
    return markdown(case, language, evidence)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a|b", "a\\|b"),
        ("`x`", "\\`x\\`"),
        ("[a](javascript:b)", "\\[a\\]\\(javascript\\:b\\)"),
        ("<b>&amp;", "\\<b\\>\\&amp;"),
        ("http://evil.example www.evil.example", "http\\://evil.example www\\.evil.example"),
        ("1. x", "1\\. x"),
        ("a\nb", "a␊b"),
    ],
)
def test_markup_is_escaped(text: str, safe: str) -> None:
    assert escaped(text) == safe


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_makes_no_row_link_or_heading(plain_case: Case, hostile_case: Case, language: Language) -> None:
    def shape(text: str) -> list[str]:
        return [
            re.split(r"(?<!\\)[ a-zA-Z0-9\u4e00-\u9fff]", line, maxsplit=1)[0] for line in text.splitlines() if re.match(r"[#|>-]", line)
        ]

    plain, hostile = rendered(plain_case, language), rendered(hostile_case, language)
    assert shape(plain) == shape(hostile)
    assert not re.search(r"(?<!\\)<|(?<!\\)`|(?<!\\)\]\(", hostile)
    for before, after in zip(plain.splitlines(), hostile.splitlines(), strict=True):
        assert len(re.findall(r"(?<!\\)\|", before)) == len(re.findall(r"(?<!\\)\|", after))


def test_it_says_what_the_page_says(case: Case) -> None:
    text = rendered(case, "en").replace("\\", "")
    for wanted in (
        "# Incident report",
        "Shadow copies deleted",
        "It succeeded (90% sure).",
        "### Where did it come from?",
        "E17",
        "It cannot be taken back.",
    ):
        assert wanted in text, wanted
    assert "Synthetic" in text
    assert "从哪里来？" in rendered(case, "zh")
