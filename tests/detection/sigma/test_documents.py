"""YAML documents: what cannot be read, collections, and what a document is."""

import pytest

from watchkeeper.detection.sigma.documents import Document, Repeated, YamlFile, documents, parsed
from watchkeeper.detection.sigma.files import RuleFile, Unread


def test_a_broken_file_says_why_and_where() -> None:
    first = parsed(RuleFile("a.yml", b"title: x\n  bad: ["))
    assert isinstance(first, Unread)
    assert first.line == 2
    assert parsed(RuleFile("b.yml", b"title: \xff\xfe")) == Unread("b.yml", "it is not UTF-8 text")


def test_collections_share_and_repeat() -> None:
    file = YamlFile(
        "c.yml",
        "",
        (
            {"action": "global", "title": "T", "detection": {"condition": "s"}},
            {"logsource": {"product": "a"}, "detection": {"s": {"F": 1}}},
            {"action": "repeat", "logsource": {"product": "b"}},
            None,
            {"action": "reset"},
            {"logsource": {"product": "c"}, "detection": {"s": {"F": 2}}},
        ),
    )
    found = list(documents(file))
    assert [one.number for one in found] == [2, 3, 6]
    assert found[0].content == {"title": "T", "logsource": {"product": "a"}, "detection": {"condition": "s", "s": {"F": 1}}}
    assert found[1].content == {**found[0].content, "logsource": {"product": "b"}}
    assert "title" not in found[2].content


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"detection": {}}, "rule"),
        ({"logsource": {}}, "rule"),
        ({"filter": {}, "logsource": {}}, "filter"),
        ({"correlation": {}}, "correlation"),
        ({"name": "workflow", "on": "push"}, ""),
    ],
)
def test_a_document_is_known_by_its_keys(content: dict, kind: str) -> None:
    assert Document(YamlFile("f", "", ()), 1, content).kind == kind


def test_keys_that_stand_twice_are_noted_where_they_stand() -> None:
    text = b"a: 1\nb: {c: 1, d: &x {e: 1, e: 2}}\n---\na:\n  - {f: 1}\n  - {f: 1}\n  - <<: *x\n"
    assert isinstance(parsed(RuleFile("a.yml", text)), Unread)  # an anchor belongs to its document
    found = parsed(RuleFile("a.yml", text.replace(b"  - <<: *x\n", b"a: &y {g: 1}\nh: {<<: *y, g: 2}\n")))
    assert isinstance(found, YamlFile)
    assert found.repeated == (Repeated(1, "e", 2), Repeated(2, "a", 7))
    assert found.documents[1] == {"a": {"g": 1}, "h": {"g": 2}}


@pytest.mark.parametrize("form", ["[*a{0}, *a{0}]", "{{<<: [*a{0}, *a{0}]}}", "{{x: *a{0}, y: *a{0}}}"])
def test_aliases_that_repeat_themselves_are_not_written_out(form: str) -> None:
    bomb = "a0: &a0 {b: c, d: e}\n" + "".join(f"a{n}: &a{n} {form.format(n - 1)}\n" for n in range(1, 60))
    read = parsed(RuleFile("bomb.yml", (bomb + "detection: *a59\n").encode()))
    assert isinstance(read, Unread)
    assert "values, aliases written out" in read.reason


@pytest.mark.parametrize("text", ["detection: &a [*a]", "detection: &a {b: *a}"])
def test_what_holds_itself_is_not_read(text: str) -> None:
    assert isinstance(parsed(RuleFile("loop.yml", text.encode())), Unread)


def test_aliases_that_save_a_few_lines_are_read() -> None:
    read = parsed(RuleFile("a.yml", b"a: &a {b: c}\ndetection: [*a, *a]\n"))
    assert isinstance(read, YamlFile)
    assert read.documents[0]["detection"] == [{"b": "c"}, {"b": "c"}]
