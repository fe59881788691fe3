"""Lines of a rule file, also in a collection and through aliases."""

from watchkeeper.detection.sigma.documents import Document, documents, parsed
from watchkeeper.detection.sigma.files import RuleFile, Unread
from watchkeeper.detection.sigma.places import line_of, line_of_value

TEXT = """title: One
detection:
  selection:
    Image|re: 'a+'
  condition: selection
---
# of the second
title: Two
detection:
  other: &kept
    Image|re: 'b+'
  again: *kept
  condition: other
"""


def _documents(text: str) -> list[Document]:
    file = parsed(RuleFile("rules.yml", text.encode()))
    assert not isinstance(file, Unread)
    return list(documents(file))


def test_keys_are_found_in_their_own_document() -> None:
    one, two = _documents(TEXT)
    assert (line_of(one, "title"), line_of(two, "title")) == (1, 8)
    assert (line_of(one, "detection", "condition"), line_of(two, "detection", "condition")) == (5, 13)


def test_the_last_key_that_is_there_counts() -> None:
    one, _ = _documents(TEXT)
    assert line_of(one, "detection", "nonesuch", "deeper") == 2
    assert line_of(one, "nonesuch") is None


def test_values_are_found_wherever_they_stand() -> None:
    one, two = _documents(TEXT)
    assert (line_of_value(one, "detection", "a+"), line_of_value(two, "detection", "b+")) == (4, 11)
    assert line_of_value(two, "detection", "not there") == 9
