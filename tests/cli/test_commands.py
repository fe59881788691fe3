"""The commands as a person types them, on a small real-shaped record."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from watchkeeper.cli import app
from watchkeeper.model.signal import CASE_SCHEMA, PLACED_SCHEMA

RULE = """
title: Shell from Office
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a11
status: test
logsource: {product: windows, category: process_creation}
detection:
  selection: {ParentImage|endswith: '\\\\winword.exe', Image|endswith: ['\\\\cmd.exe', '\\\\powershell.exe']}
  condition: selection
level: high
tags: [attack.execution, attack.t1059.001, attack.initial-access, attack.t1566.001]
"""

ONCE = """
title: Shell from Office runs a command of the attack
id: 5a1d2a60-3b0e-4a8e-8c0c-5b6f2b7e9d21
status: test
logsource: {product: windows, category: process_creation}
detection:
  selection: {ParentImage|endswith: '\\\\winword.exe', CommandLine|contains: ' 20 '}
  condition: selection
level: critical
tags: [attack.execution, attack.t1059.003]
"""

COUNT = """
title: Command line started
name: one_command_line
status: test
logsource: {product: windows, category: process_creation}
detection:
  selection: {Image|endswith: '\\\\cmd.exe'}
  condition: selection
---
title: Many command lines
id: c2b0a6d4-5a53-4a0f-9a55-0f7d0f3b9e02
status: test
correlation:
  type: event_count
  rules: one_command_line
  group-by: [User]
  timespan: 12m
  condition: {gte: 3}
level: medium
"""


def _event(number: int, image: str, parent: str) -> bytes:
    return json.dumps(
        {
            "EventID": 1,
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "Hostname": f"WS{number % 3}.corp.example",
            "UtcTime": f"2025-04-01 10:{number % 60:02d}:00.000",
            "Image": f"C:\\Windows\\System32\\{image}",
            "ParentImage": f"C:\\Office\\{parent}",
            "CommandLine": f"{image} /c {number} =cmd",
            "User": "CORP\\ann",
            "ProcessGuid": f"{{{number}}}",
            "ProcessId": str(number),
            "ParentProcessGuid": "{0}",
        }
    ).encode()


LINES = [_event(n, "cmd.exe" if n % 5 == 0 else "notepad.exe", "winword.exe" if n % 10 == 0 else "explorer.exe") for n in range(40)]


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "rule.yml").write_text(RULE, "utf-8")
    (tmp_path / "once.yml").write_text(ONCE, "utf-8")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "ws.json").write_bytes(b"\n".join(LINES) + b"\nnot json\n")
    return tmp_path


def _detect(runner: CliRunner, place: Path, folder: str, *more: str) -> list[dict[str, object]]:
    words = ["detect", str(place / folder), "--rules", str(place / "rule.yml"), "--no-own-rules", "--format", "jsonl", *more]
    result = runner.invoke(app, words)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def test_detect_writes_every_signal_with_its_place(runner: CliRunner, place: Path) -> None:
    rows = _detect(runner, place, "logs")
    assert [row["row"] for row in rows] == [0, 10, 20, 30]
    assert set(rows[0]) == set(PLACED_SCHEMA.names)
    assert rows[0]["rule"] == "0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a11"
    assert {"field": "ParentImage", "value": "C:\\Office\\winword.exe"} in rows[0]["matches"]  # type: ignore[operator]  -- because rows are JSON


def test_detect_says_what_it_skipped_on_standard_error(runner: CliRunner, place: Path) -> None:
    result = runner.invoke(app, ["detect", str(place / "logs"), "--rules", str(place / "rule.yml"), "--no-own-rules", "--format", "csv"])
    assert "1 skipped" in result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(rows) == 4


@given(split=st.integers(1, 39), rows=st.integers(1, 50), form=st.sampled_from(["gz", "zst", "zip", "plain"]), swap=st.booleans())
def test_signals_do_not_depend_on_batch_size_order_or_compression(
    tmp_path_factory: pytest.TempPathFactory, split: int, rows: int, form: str, swap: bool
) -> None:
    place = tmp_path_factory.mktemp("same")
    (place / "rule.yml").write_text(RULE, "utf-8")
    (place / "count.yml").write_text(COUNT, "utf-8")
    counting = ("--rules", str(place / "count.yml"))
    parts = {"a.json": b"\n".join(LINES[:split]), "b.json": b"\n".join(LINES[split:])}
    (place / "plain").mkdir()
    (place / "other").mkdir()
    for name, content in sorted(parts.items(), reverse=swap):
        (place / "plain" / name).write_bytes(content)
        _write(place / "other", name, content, form)
    runner = CliRunner()
    wanted = _detect(runner, place, "plain", *counting)
    found = _detect(runner, place, "other", "--batch-rows", str(rows), *counting)
    assert {row["title"] for row in wanted} == {"Shell from Office", "Many command lines"}
    placed = {"source"}
    assert [{k: v for k, v in row.items() if k not in placed} for row in found] == [
        {k: v for k, v in row.items() if k not in placed} for row in wanted
    ]


def _write(folder: Path, name: str, content: bytes, form: str) -> None:
    match form:
        case "gz":
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        case "zst":
            (folder / f"{name}.zst").write_bytes(zstandard.compress(content))
        case "zip":
            with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(name, content)
        case _:
            (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["detect", "nowhere"], "nowhere"),
        (["investigate", "nowhere", "--out", "out"], "nowhere"),
        (["detect", "logs", "--format", "xml"], "choose one of"),
        (["investigate", "logs", "--out", "out", "--keep", "some"], "choose one of"),
        (["investigate", "logs", "--out", "out", "--lang", "fr"], "choose en or zh"),
        (["investigate", "logs", "--out", "out", "--assets", "rule.yml"], "assets"),
        (["detect", "logs", "--rules", "nowhere.zip"], "nowhere.zip"),
        (["detect", "logs", "--mapping", "nonesuch"], "nonesuch"),
        (["range", "generate", "--out", "r", "--scenario", "nonesuch"], "choose one of"),
        (["feedback", "nonesuch", "benign", "--why", "x", "--state", "s"], "nonesuch"),
    ],
)
def test_what_cannot_be_used_is_one_plain_line_and_exit_code_2(
    runner: CliRunner, place: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("WATCHKEEPER_STATE", str(place / "state"))
    result = runner.invoke(app, words)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert "Traceback" not in result.output


def _investigate(place: Path) -> list[str]:
    rules = ["--rules", str(place / "rule.yml"), "--rules", str(place / "once.yml"), "--no-own-rules"]
    return ["investigate", str(place / "logs"), *rules, "--state", str(place / "state")]


def test_investigate_leaves_a_whole_case(runner: CliRunner, place: Path) -> None:
    out, state = place / "case", place / "state"
    result = runner.invoke(app, [*_investigate(place), "--out", str(out), "--lang", "zh", "--keep", "all"])
    assert result.exit_code == 0, result.output
    assert str(out / "report.html") in result.stdout
    files = {path.name for path in out.iterdir()}
    assert files == {
        "report.html",
        "report.md",
        "incidents.json",
        "navigator.json",
        "signals.parquet",
        "folds.parquet",
        "events",
        "observed",
    }
    assert pq.read_schema(out / "signals.parquet").names == CASE_SCHEMA.names
    assert pq.read_table(out / "events").num_rows == 40
    case = json.loads((out / "incidents.json").read_text("utf-8"))
    assert case["events"] == 40
    assert case["sources"][0]["skipped"] == {"not JSON": 1}
    assert not case["synthetic"]

    assert "nobody said anything yet" in runner.invoke(app, ["feedback", "--state", str(state)]).stdout
    listed = runner.invoke(app, ["incidents", "--state", str(state)])
    assert case["incidents"]
    assert {"Shell", "from", "Office"} <= set(listed.stdout.split())
    first = case["incidents"][0]["id"]
    said = runner.invoke(app, ["feedback", first, "benign", "--why", "a test", "--by", "ann", "--state", str(state)])
    assert said.exit_code == 0, said.output
    assert "benign (ann)" in runner.invoke(app, ["incidents", "--state", str(state)]).stdout

    session = case["sessions"][-1]["id"]
    said = runner.invoke(app, ["feedback", session[:12], "succeeded", "--why", "a test", "--by", "bob", "--state", str(state)])
    assert said.exit_code == 0, said.output
    assert f"kept: session {session} " in said.stdout


def test_the_same_evidence_again_gives_the_same_incidents(runner: CliRunner, place: Path) -> None:
    cases = []
    for name in ("one", "two"):
        assert runner.invoke(app, [*_investigate(place), "--out", str(place / name)]).exit_code == 0
        cases.append(json.loads((place / name / "incidents.json").read_text("utf-8"))["incidents"])
    assert cases[0]
    assert cases[0] == cases[1]


def test_doctor_finds_nothing_wrong_here(runner: CliRunner, place: Path) -> None:
    result = runner.invoke(app, ["doctor", "--state", str(place / "state")])
    assert result.exit_code == 0, result.output
    assert "readers" in result.stdout


def test_version_and_scenarios(runner: CliRunner) -> None:
    assert runner.invoke(app, ["--version"]).stdout.strip()
    assert "web-shell" in runner.invoke(app, ["range", "scenarios"]).stdout


def test_a_persons_placeholders_and_log_sources_are_used(runner: CliRunner, place: Path) -> None:
    edr = {"EventID": 7001, "Channel": "EDR", "Hostname": "WS1", "UtcTime": "2025-04-01 10:00:00.000"}
    started = {**edr, "parent_path": "C:\\Office\\winword.exe", "path": "C:\\Windows\\cmd.exe"}
    (place / "edr").mkdir()
    (place / "edr" / "edr.json").write_text("\n".join(json.dumps(one) for one in (started, {**started, "path": "C:\\calc.exe"})), "utf-8")
    ours = place / "logsources.yml"
    ours.write_text("windows: {categories: {process_creation: [{service: EDR, fields: {Image: path, ParentImage: parent_path}}]}}", "utf-8")
    values = place / "values.yml"
    values.write_text("shells: [cmd.exe, powershell.exe]", "utf-8")
    wanted = "Image|endswith: ['\\\\cmd.exe', '\\\\powershell.exe']"
    assert wanted in RULE
    (place / "rule.yml").write_text(RULE.replace(wanted, "Image|endswith|expand: '\\\\%shells%'"), "utf-8")
    assert _detect(runner, place, "edr", "--logsources", str(ours)) == []
    assert _detect(runner, place, "edr", "--placeholders", str(values)) == []
    assert [row["row"] for row in _detect(runner, place, "edr", "--logsources", str(ours), "--placeholders", str(values))] == [0]


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [("--placeholders", "[]", "must give names"), ("--logsources", "windows: {service: []}", "unknown field `service`")],
)
def test_placeholders_and_log_sources_of_another_form_are_refused_plainly(
    runner: CliRunner, place: Path, option: str, text: str, said: str
) -> None:
    (place / "own.yml").write_text(text, "utf-8")
    result = runner.invoke(app, ["detect", str(place / "logs"), "--no-own-rules", option, str(place / "own.yml")])
    assert result.exit_code == 2
    assert said in result.output
    missing = runner.invoke(app, ["detect", str(place / "logs"), "--no-own-rules", option, str(place / "nothing.yml")])
    assert missing.exit_code == 2
