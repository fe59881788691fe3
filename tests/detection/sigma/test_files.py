"""Finding rule files: folders, files, archives, and what cannot be read."""

import zipfile
from pathlib import Path

import pytest

from watchkeeper.detection.sigma.files import MAX_FILE_BYTES, Document, RuleFile, Unread, documents, rule_files


def test_folders_are_read_in_order_of_names(tmp_path: Path) -> None:
    for name in ("b/y.yml", "a/x.yaml", "a/readme.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("title: x", "utf-8")
    assert [Path(file.path).name for file in rule_files([tmp_path])] == ["x.yaml", "y.yml"]


def test_archives_are_read_with_the_names_of_their_members(tmp_path: Path) -> None:
    path = tmp_path / "rules.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("rules/windows/a.yml", "title: a")
        archive.writestr("LICENSE", "text")
        archive.writestr("rules/large.yml", "x" * (MAX_FILE_BYTES + 1))
    large, small = rule_files([path])
    assert isinstance(small, RuleFile)
    assert small.path == f"{path}!rules/windows/a.yml"
    assert isinstance(large, Unread)
    assert "larger than" in large.reason


def test_a_broken_file_says_why_and_where(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("title: x\n  bad: [", "utf-8")
    (tmp_path / "b.yml").write_bytes(b"title: \xff\xfe")
    first, second = rule_files([tmp_path])
    assert isinstance(first, Unread)
    assert first.line == 2
    assert second == Unread(str(tmp_path / "b.yml"), "it is not UTF-8 text")


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(rule_files([tmp_path / "nothing"]))


def test_collections_share_and_repeat() -> None:
    file = RuleFile(
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
    assert Document(RuleFile("f", "", ()), 1, content).kind == kind
