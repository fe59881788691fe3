"""The grammar of alert mappings and its errors."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.content import folder
from watchkeeper.ingest.alert_mapping import AlertMapping, Choice, choices, parse, read

GOOD = """\
name: acme
format: [csv]
columns: [when, what]
time:
  - {field: when}
rule: what
title: what
detector: {text: acme}
level:
  - {text: low}
"""


@pytest.mark.parametrize(
    ("change", "line", "problem"),
    [
        (("level:", "levle:"), 9, "'levle' is not a key of an alert mapping; did you mean 'level'?"),
        (("- {text: low}", "- {text: lowish}"), 10, "'lowish' is not a level; use informational, low, medium, high, critical"),
        (("- {text: low}", "- {field: a, values: {x: low}}"), 10, "the last choice must be a constant, such as {text: low}"),
        (("- {text: low}", "- {field: a, match: '(', text: low}\n  - {text: low}"), 10, "is not a regular expression"),
        (("format: [csv]", "format: [xml]"), 2, "Invalid enum value 'xml'"),
        (("columns: [when, what]", "columns: []"), 3, "needs at least one entry"),
        (("- {field: when}", "- {field: when, unit: days}"), 5, "Invalid enum value 'days'"),
        (("rule: what", "rule: {match: x}"), 6, "needs one of 'field', 'entity' and 'text'"),
        (("format: [csv]", "format: [csv]\ndelimiter: ['::']"), 3, "'::' is not one character"),
        (("title: what", "title: [what"), 8, "not YAML"),
    ],
)
def test_an_error_names_file_line_and_what_to_do(change: tuple[str, str], line: int, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)) as caught:
        parse(GOOD.replace(*change), "my/acme.yml")
    assert str(caught.value).startswith(f"alert mapping 'my/acme.yml', line {line}: ")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ValueError, match=r"alert mapping 'x.yml', line 1: .*`rule`"):
        parse(GOOD.replace("rule: what\n", ""), "x.yml")


def test_a_pick_is_a_field_a_choice_or_several() -> None:
    assert choices("a") == [Choice(field="a")]
    assert choices(Choice(text="x")) == [Choice(text="x")]
    assert choices(["a", Choice(text="x")]) == [Choice(field="a"), Choice(text="x")]


def test_words_stay_words() -> None:
    mapping = parse(GOOD.replace("- {text: low}", "- {field: s, values: {No: low, 1: high}}\n  - {text: low}"), "x.yml")
    assert choices(mapping.level)[0].values == {"No": "low", "1": "high"}


@pytest.mark.parametrize("path", sorted(folder("mappings").glob("*.yml")), ids=lambda path: path.stem)
def test_a_shipped_mapping_is_named_like_its_file_and_says_what_it_maps(path: Path) -> None:
    mapping = read(path)
    assert mapping.name == path.stem
    assert mapping.about


def test_a_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="is not UTF-8 text"):
        read(path)


def test_every_key_of_the_grammar_is_documented() -> None:
    text = (folder("mappings") / "README.md").read_text("utf-8")
    assert [name for name in AlertMapping.__struct_fields__ if f"`{name}`" not in text] == []
    assert [name for name in Choice.__struct_fields__ if f"`{name}`" not in text] == []


@given(st.text())
def test_any_text_is_a_mapping_or_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="alert mapping"):
        parse(text, "x.yml")
