"""Patterns say what the value says, whatever characters are in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stix2patterns.v21.pattern import Pattern

from watchkeeper.detection.intel.formats.stix_pattern import TOGETHER, Comparison, Unmatched, alternatives
from watchkeeper.stix.patterns import pattern_of


def test_a_whole_path_is_a_name_in_a_folder_and_other_kinds_have_no_pattern() -> None:
    assert pattern_of("file", "c:\\x\\a.exe") == "[file:name = 'a.exe' AND file:parent_directory_ref.path = 'c:\\\\x']"
    assert alternatives(pattern_of("file", "/opt/a")) == [Unmatched(TOGETHER)]
    assert (pattern_of("host", "pc1"), pattern_of("account", "arn")) == ("", "")


@given(st.text(max_size=50))
def test_any_text_survives_quoting(text: str) -> None:
    assert alternatives(pattern_of("user", text)) == [Comparison("user-account:account_login", text)]


@pytest.mark.parametrize("kind", ["domain", "url", "mailbox", "user", "file"])
@given(value=st.text(min_size=1, max_size=50))
def test_the_reference_grammar_reads_every_pattern(kind: str, value: str) -> None:
    Pattern(pattern_of(kind, value))
