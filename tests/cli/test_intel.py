import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from watchkeeper.cli import app

EVENT = {
    "Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 22, "Computer": "pc1.corp.example",
    "@timestamp": "2026-06-01T10:00:00Z", "User": "CORP\\ann", "Image": "C:\\x\\a.exe", "QueryName": "www.bad.example",
    "QueryResults": "203.0.113.9;", "SourceName": "Microsoft-Windows-Sysmon",
}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WATCHKEEPER_STATE", str(tmp_path / "state"))
    (tmp_path / "log.json").write_text(json.dumps(EVENT) + "\n")
    (tmp_path / "feed.txt").write_text("bad.example\n203.0.113.9\nrubbish line\n")
    lists = {"name": "resolvers", "type": "cidr", "list": ["203.0.113.0/24"], "matching_attributes": ["ip-dst"]}
    with zipfile.ZipFile(tmp_path / "lists.zip", "w") as archive:
        archive.writestr("lists/dns/list.json", json.dumps(lists))
    return tmp_path


def _run(*words: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result.output


def test_import_allow_check_detect_and_remove(place: Path) -> None:
    said = _run("intel", "import", place / "feed.txt", "--confidence", "80", "--label", "Nimble", "--tlp", "amber", "--valid-days", "9999")
    assert "1 left out" in said
    assert "2 new, 0 changed, 0 as they were, 0 removed" in said
    assert "1 allow-lists with 1 entries" in _run("intel", "allow", "import", place / "lists.zip")
    assert "2 indicators, 1 allow-lists" in _run("intel", "list")
    for value in ("hxxp://www[.]bad[.]example", "a.bad.example"):
        assert "MATCHES domain bad.example, says feed" in _run("intel", "check", value)
    suppressed = _run("intel", "check", "203.0.113.9", code=1).splitlines()
    assert suppressed[1].startswith("  does not count: address 203.0.113.9, says feed")
    assert suppressed[2] == "    because of resolvers: 203.0.113.0/24"
    out = _run("detect", place / "log.json", "--no-own-rules", "--format", "jsonl")
    signals = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    assert [(one["detector"], one["level"], one["title"]) for one in signals] == [
        ("intel", "high", "Known by intelligence: domain bad.example (Nimble), says feed"),
    ]  # fmt: skip
    assert "not raised because of resolvers: 203.0.113.9 (1)" in out
    assert "intel" not in _run("detect", place / "log.json", "--no-own-rules", "--format", "jsonl", "--no-intel")
    assert "2 indicators of feed removed" in _run("intel", "remove", "feed")
    assert "there is no source" in _run("intel", "remove", "feed", code=2)


def test_watchlists_and_the_organisations_own(place: Path) -> None:
    _run("intel", "import", place / "feed.txt")
    (place / "w.yml").write_text("watchlists: [{name: leaving, reason: last day is 30 June, level: low, users: [ann]}]\n")
    (place / "assets.yml").write_text("domains: [bad.example]\nnetworks: [203.0.113.0/24]\n")
    out = _run(
        "detect",
        place / "log.json",
        "--no-own-rules",
        "--format",
        "jsonl",
        "--watchlists",
        place / "w.yml",
        "--assets",
        place / "assets.yml",
    )
    signals = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    assert [one["title"] for one in signals] == ["On a watchlist: user ann (last day is 30 June), says leaving"]
    assert "the organisation's own networks and domains" in out


def test_new_indicators_are_matched_with_what_a_case_read_though_it_keeps_no_event(place: Path) -> None:
    _run("investigate", place / "log.json", "--no-own-rules", "--out", place / "case", "--workers", "2")
    assert list((place / "case" / "events").iterdir()) == []
    _run("intel", "import", place / "feed.txt", "--label", "Nimble")
    (one, other) = (json.loads(line) for line in _run("intel", "match", place / "case", "--format", "jsonl").splitlines())
    assert {one["value"], other["value"]} == {"www.bad.example", "203.0.113.9"}
    assert (one["since"], one["hosts"], one["count"], one["row"]) == ("2026-06-01T10:00:00Z", ["pc1"], 1, 0)
    assert one["source"].endswith("log.json")
    assert "(Nimble)" in _run("intel", "match", place / "case")
    assert "203.0.113.9" in _run("intel", "match", place / "case", "--format", "csv", "--source", "feed", "--new-days", "1")
    _run("intel", "allow", "import", place / "lists.zip")
    assert "1 values do not count because of resolvers" in _run("intel", "match", place / "case", "--format", "jsonl")
    assert "www.bad" not in _run("intel", "match", place / "case", "--source", "other")
    assert "is no case" in _run("intel", "match", place, code=2)


def test_a_case_that_observed_nothing_is_made_good_from_its_events(place: Path) -> None:
    _run("investigate", place / "log.json", "--no-own-rules", "--out", place / "case", "--keep", "all")
    shutil.rmtree(place / "case" / "observed")
    _run("intel", "import", place / "feed.txt")
    assert "made of its kept events" in _run("intel", "match", place / "case", "--format", "jsonl")
    again = _run("intel", "match", place / "case", "--format", "jsonl")
    assert again.count("www.bad.example") == 1
    assert "made of" not in again


def test_what_cases_saw_is_written_for_others_and_no_more_than_may_leave(place: Path) -> None:
    _run("investigate", place / "log.json", "--no-own-rules", "--out", place / "case")
    _run("intel", "import", place / "feed.txt", "--tlp", "amber")
    words = ("intel", "export", place / "case", "--organisation", "Example CERT", "--out", place / "seen.json")
    assert "2 indicators were seen and stay: TLP:AMBER" in _run(*words)
    assert "bad.example" not in (place / "seen.json").read_text()
    assert "2 sightings written" in _run(*words, "--tlp", "amber")
    assert "pc1" not in (place / "seen.json").read_text()
    _run(*words, "--tlp", "amber", "--hosts")
    assert "pc1" in (place / "seen.json").read_text()
    assert "2 new" in _run("intel", "import", place / "seen.json", "--source", "back")
    assert "choose one of" in _run(*words, "--tlp", "pink", code=2)


def test_a_server_is_listed_fetched_from_and_asked_with_a_login(
    place: Path, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve()
    said = {
        "/taxii2/": {"api_roots": ["/one/"]},
        "/one/collections/": {"collections": [{"id": "c1", "title": "Feed\x1b[2J", "can_read": True}]},
        "/one/collections/c1/objects/": {"objects": [{"type": "indicator", "pattern": "[domain-name:value = 'bad.example']"}]},
    }
    headers = {"Content-Type": "application/taxii+json;version=2.1", "X-TAXII-Date-Added-Last": "2026-05-01T00:00:00Z"}
    server.answers.update({path: (200, headers, json.dumps(answer).encode()) for path, answer in said.items()})
    monkeypatch.setenv("WATCHKEEPER_LOGIN", "bearer abc")
    listed = _run("intel", "fetch", f"{server.url}/taxii2/")
    assert "c1" in listed
    assert "\x1b" not in listed
    out = _run("intel", "fetch", f"{server.url}/taxii2/", "--collection", "c1", "--source", "cert")
    assert "1 objects in 1 pages" in out
    assert "--added-after 2026-05-01T00:00:00Z" in out
    assert "says cert" in _run("intel", "check", "bad.example")
    assert {headers["Authorization"] for _, headers in server.asked} == {"Bearer abc"}
    words = ("intel", "fetch", f"{server.url}/taxii2/", "--collection", "c1", "--added-after")
    assert "choose one of them" in _run(*words, "2026-05-01", "--replace", code=2)
    assert "is no time" in _run(*words, "yesterday", code=2)


def test_what_was_not_raised_is_no_problem_of_a_rule(place: Path) -> None:
    _run("intel", "import", place / "feed.txt")
    _run("intel", "allow", "import", place / "lists.zip")
    for workers in ("1", "2"):
        out = _run("investigate", place / "log.json", "--no-own-rules", "--out", place / workers, "--workers", workers)
        assert "not raised because of resolvers: 203.0.113.9 (1)" in out.replace("\n", " ")
        assert "rules with problems" not in out
        case = json.loads((place / workers / "incidents.json").read_text())
        assert (case["rule_problems"], len(case["unraised"])) == ([], 1)
        assert "not raised because of resolvers" in (place / workers / "report.md").read_text()


def test_several_workers_say_the_same(place: Path) -> None:
    _run("intel", "import", place / "feed.txt")
    (place / "log2.json").write_text(json.dumps(EVENT | {"Computer": "pc2"}) + "\n")
    words = ("detect", place / "log.json", place / "log2.json", "--no-own-rules", "--format", "jsonl")
    assert sorted(_run(*words).splitlines()) == sorted(_run(*words, "--workers", "2").splitlines())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("intel", "import", "nothing.txt"), "nothing.txt"),
        (("intel", "import", "feed.txt", "--format", "x"), "choose one of"),
        (("intel", "import", "feed.txt", "--tlp", "pink"), "choose one of"),
        (("intel", "import", "feed.txt", "--column", "value"), "is not understood"),
        (("intel", "allow", "import", "feed.txt"), "no warning lists"),
        (("intel", "check", "two words"), "is no address"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line(place: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str) -> None:
    monkeypatch.chdir(place)
    _run("intel", "import", "feed.txt")
    assert said in _run(*words, code=2)


def test_a_file_that_nobody_knows_fails_and_the_rest_is_imported(place: Path) -> None:
    (place / "x.bin").write_bytes(b"\0\0")
    assert "2 new" in _run("intel", "import", place / "x.bin", place / "feed.txt", code=1)
