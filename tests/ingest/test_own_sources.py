"""A person's own sources: they go before ours, and mistakes in them are told by file, line and key."""

from pathlib import Path
from typing import Any

import pytest

from watchkeeper.ingest import read, who_reads
from watchkeeper.ingest.own_sources import MAX_FILE_BYTES, own_sources, parse, read_source
from watchkeeper.model.sourceread import SourceRead

DOORS = """
name: doors
product: doors
about: Doors that open and close
documentation: our own
recognise: [{message: '^DOOR '}]
steps:
  - patterns: [{match: '^DOOR (?P<action>\\w+) by (?P<user>\\S+)'}]
"""
BADGES = """
name: badges
about: Badges that were shown at a door
product: badges
service: ''
marks: [{badge: '^B\\d+$', reader: ''}]
time: [{field: when}]
"""


def _written(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.yml").write_text(text, "utf-8")
    return folder


def _fields(events: Any, path: Path, *own: Path) -> list[tuple[str, dict[str, Any]]]:
    return [(event["logsource"][0], event["fields"]) for event in events(read([path], own=own))]


def test_a_grammar_of_ones_own_reads_its_lines_and_ours_read_the_others(tmp_path: Path, events: Any) -> None:
    own = _written(tmp_path / "own", doors=DOORS)
    log = tmp_path / "mixed.log"
    log.write_text("DOOR opened by bob\nMar  2 09:00:00 web01 sshd[5]: Accepted password for eve from 203.0.113.9 port 4000 ssh2\n")
    found = _fields(events, log, own)
    assert [(product, fields.get("user")) for product, fields in found] == [("doors", "bob"), ("linux", "eve")]
    assert who_reads(log.read_bytes(), (own,)) == "text"
    assert who_reads(b"DOOR opened by bob\n") == "unknown"


def test_a_record_format_of_ones_own_is_found_in_lists_and_envelopes(tmp_path: Path, events: Any) -> None:
    own = _written(tmp_path / "own", badges=BADGES)
    record = '{"badge": "B1", "reader": "north", "when": "2026-03-02T10:00:00Z"}'
    for name, text in (
        ("plain", record),
        ("list", f'{{"events": [{record}, {{"x": 1}}]}}'),
        ("event", f'{{"id": "1", "detail": {record}}}'),
    ):
        log = tmp_path / f"{name}.json"
        log.write_text(f"{text}\n")
        items = list(read([log], own=(own,)))
        found = events(items)
        assert [(event["logsource"][0], event["fields"]["badge"]) for event in found] == [("badges", "B1")], name
        assert found[0]["_time"].hour == 10
        (account,) = (item for item in items if isinstance(item, SourceRead))
        assert sum(account.skipped.values()) == (name == "list"), "what a list holds besides is counted"


def test_one_that_is_called_like_ours_replaces_it(tmp_path: Path, events: Any) -> None:
    own = _written(tmp_path / "own", sudo=DOORS.replace("doors", "sudo").replace("'^DOOR '", "'^nothing$'"))
    log = tmp_path / "auth.log"
    log.write_text("Mar  2 09:00:00 web01 sudo:  bob : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls\n")
    assert "COMMAND" not in _fields(events, log, own)[0][1]
    assert [product for product, _ in _fields(events, log)] == ["linux"]


def test_one_goes_before_ours_and_what_is_given_first_counts(tmp_path: Path, events: Any) -> None:
    program = "[{programs: [sshd]}]"
    first = _written(tmp_path / "first", doors=DOORS.replace("[{message: '^DOOR '}]", program))
    second = _written(
        tmp_path / "second", doors=DOORS.replace("product: doors", "product: gates").replace("[{message: '^DOOR '}]", program)
    )
    log = tmp_path / "auth.log"
    log.write_text("Mar  2 09:00:00 web01 sshd[5]: Accepted password for eve from 203.0.113.9 port 4000 ssh2\n")
    assert [product for product, _ in _fields(events, log, first, second)] == ["doors"]
    assert [product for product, _ in _fields(events, log, second, first)] == ["gates"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            DOORS.replace("about:", "abuot:"),
            r"source grammar 'doors.yml', line 4: 'abuot' is not a key of a source grammar; did you mean 'about'\?",
        ),
        (DOORS.replace("(?P<user>", "(?P<user"), r"source grammar 'doors.yml', line 8: .* is not a pattern that RE2 understands"),
        (DOORS.replace("name: doors", "name: gates"), "source file 'doors.yml': its name is 'gates'"),
        (BADGES.replace("^B", "(B"), r"record format 'doors.yml', line 6: '\(B\\\\d\+\$' is not a pattern"),
        (BADGES.replace("time:", "tiem:"), r"line 7: 'tiem' is not a key of a record format; did you mean 'time'\?"),
        (BADGES.replace("[{badge: '^B\\d+$', reader: ''}]", "[{}]"), "line 6: a mark without members"),
        ("a: [", r"line \d: not YAML"),
        ("- a", "source grammar 'doors.yml', line 1"),
    ],
)
def test_a_mistake_is_told_by_file_line_and_key(tmp_path: Path, text: str, said: str) -> None:
    own = _written(tmp_path, doors=text)
    with pytest.raises(ValueError, match=said):
        read([tmp_path], own=(own,))


def test_what_is_no_source_file_is_said(tmp_path: Path) -> None:
    large, wrong = tmp_path / "large.yml", tmp_path / "wrong.yml"
    large.write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    wrong.write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(ValueError, match=r"'large.yml' is larger than 1,024 KiB"):
        read_source(large)
    with pytest.raises(ValueError, match=r"'wrong.yml' is not UTF-8"):
        read_source(wrong)
    with pytest.raises(FileNotFoundError):
        own_sources((tmp_path / "absent.yml",))
    assert own_sources(()).grammars == ()


def test_marks_make_a_record_format() -> None:
    assert [type(parse(text, "x")).__name__ for text in (DOORS, BADGES)] == ["Grammar", "RecordFormat"]
