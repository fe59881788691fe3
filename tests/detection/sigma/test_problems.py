"""Wording problems: the right line in files of several documents."""

from watchkeeper.detection.sigma.documents import YamlFile, documents
from watchkeeper.detection.sigma.files import Unread
from watchkeeper.detection.sigma.problems import sentence, unread

TEXT = """title: One
id: one
detection: {}
---
title: Two
id: two
detection: {}
"""


def test_the_line_is_that_of_the_document_it_speaks_of() -> None:
    file = YamlFile("two.yml", TEXT, ({"id": "one", "detection": {}}, {"id": "two", "detection": {}}))
    first, second = documents(file)
    assert sentence(first, "why", "detection") == "rule one (two.yml, line 3): why"
    assert sentence(second, "why", "detection") == "rule two (two.yml, line 7): why"
    assert sentence(second, "why", "nothing") == "rule two (two.yml, line 7): why"


def test_a_file_that_could_not_be_read_is_named() -> None:
    assert unread(Unread("a.yml", "it is not UTF-8 text")) == "cannot read rules from a.yml: it is not UTF-8 text"
    assert unread(Unread("a.yml", "why", 3)) == "cannot read rules from a.yml, line 3: why"
