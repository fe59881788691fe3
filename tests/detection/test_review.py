"""An author is told where a rule is wrong and how grave it is; rules that are right are left in peace."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.content import folder
from watchkeeper.detection import load_rules
from watchkeeper.detection.review import Finding, Review, review

RULE = """title: Test
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a11
status: test
logsource: {product: windows, category: process_creation}
detection:
  selection:
    CommandLine|contains: evil
  condition: selection
level: high
"""


def _review(path: Path) -> Review:
    return review([path], load_rules([path]))


def _of(tmp_path: Path, text: str) -> list[Finding]:
    path = tmp_path / "rule.yml"
    path.write_text(text, "utf-8")
    return list(_review(path).findings)


def test_a_good_rule_has_no_findings(tmp_path: Path) -> None:
    assert _of(tmp_path, RULE) == []


@pytest.mark.parametrize(
    ("change", "found", "line", "said"),
    [
        (("|contains", "|contian"), ("error", "broken"), 7, "did you mean 'contains'?"),
        (("condition: selection", "condition: selektion"), ("error", "broken"), 8, "selektion"),
        (("process_creation", "process_cremation"), ("warning", "no-log-source"), 4, "category process_cremation"),
        (("  condition", "  other: {Image: x}\n  condition"), ("warning", "unused"), 8, "'other'"),
        (("CommandLine|contains: evil", "EventID: 4625"), ("warning", "never-fires"), 8, "contradicts its log source"),
        (("CommandLine|", "ComandLine|"), ("warning", "unknown-field"), 7, "'ComandLine'"),
        (("|contains: evil", "|re: '(?=evil)x'"), ("warning", "slow-pattern"), 7, "(?=evil)x"),
        (("id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a11\n", ""), ("warning", "no-id"), 1, "no id"),
        (("status: test", "status: deprecated"), ("note", "retired"), 3, "deprecated"),
        (("status: test", "status: tested"), ("warning", "blemish"), 3, "tested"),
        (("title: Test", "title: ["), ("error", "unreadable"), 3, "YAML"),
    ],
)
def test_each_finding_says_where_and_what(tmp_path: Path, change: tuple[str, str], found: tuple[str, str], line: int, said: str) -> None:
    assert change[0] in RULE
    (one,) = _of(tmp_path, RULE.replace(*change, 1))
    assert ((one.severity, one.kind), one.line) == (found, line)
    assert said in one.what
    assert one.mend
    assert one.path == str(tmp_path / "rule.yml")


def test_a_rule_that_asks_for_its_log_source_alone_is_noted(tmp_path: Path) -> None:
    text = RULE.replace("process_creation", "wmi_event").replace("CommandLine|contains: evil", "EventID: [19, 20, 21]")
    assert [(one.severity, one.kind) for one in _of(tmp_path, text)] == [("note", "always-fires")]


def test_two_rules_with_one_id_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(RULE, "utf-8")
    (tmp_path / "b.yml").write_text(RULE.replace("evil", "worse"), "utf-8")
    found = _review(tmp_path)
    assert [(Path(one.path).name, one.severity, one.kind) for one in found.findings] == [("b.yml", "warning", "blemish")]
    assert "another rule of this id" in found.findings[0].what
    assert (found.rules, found.broken) == (2, 0)


def test_the_same_rule_twice_is_only_noted(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text(RULE, "utf-8")
    assert [(one.severity, one.kind, one.path) for one in _review(tmp_path).findings] == [("note", "set", "")]


def test_documents_of_one_file_are_told_apart(tmp_path: Path) -> None:
    second = RULE.replace("6a11", "6a12").replace("contains: evil", "contians: evil")
    found = _of(tmp_path, f"{RULE}---\n{second}")
    assert [(one.rule[-4:], one.line) for one in found] == [("6a12", 17)]


def test_a_broken_filter_and_a_broken_correlation_are_errors(tmp_path: Path) -> None:
    filtered = RULE.replace("detection:", "filter:\n  rules: any").replace("|contains", "|contian").replace("level: high", "")
    counted = "correlation: {type: event_count, rules: [nonesuch], timespan: 1h, condition: {gte: 2}}\n"
    head = "title: Count\nid: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a13\n"
    found = _of(tmp_path, f"{RULE}---\n{filtered.replace('6a11', '6a12')}---\n{head}{counted}")
    assert {(one.rule[-4:], one.severity) for one in found} == {("6a12", "error"), ("6a13", "error")}


def test_a_filter_that_does_nothing_is_a_warning(tmp_path: Path) -> None:
    filtered = RULE.replace("detection:", "filter:\n  rules: [nonesuch]").replace("level: high", "").replace("6a11", "6a12")
    found = _of(tmp_path, f"{RULE}---\n{filtered}")
    assert [(one.severity, one.kind, one.line) for one in found] == [("warning", "idle-filter", 15)]


def test_our_own_rules_are_without_errors_and_warnings() -> None:
    found = _review(folder("rules"))
    assert [one for one in found.findings if one.severity != "note"] == []
    assert found.rules > 50


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200), st.integers(0, len(RULE)))
def test_whatever_stands_in_a_file_it_is_reviewed(tmp_path_factory: pytest.TempPathFactory, text: str, at: int) -> None:
    path = tmp_path_factory.mktemp("any") / "rule.yml"
    path.write_text(RULE[:at] + text + RULE[at:], "utf-8")
    found = _review(path)
    assert all(one.what and one.severity in {"error", "warning", "note"} for one in found.findings)


def test_aliases_that_repeat_themselves_do_not_blow_up(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    assert [(one.severity, one.kind) for one in _of(tmp_path, bomb + RULE)] == [("error", "unreadable")]


@pytest.mark.slow
def test_sigmahq_is_reviewed_whole(data: Path) -> None:
    found = _review(data / "sigma" / "sigma_all_rules.zip")
    assert found.rules == 3757
    assert found.broken == found.count("error") == 2
    kinds = {one.kind for one in found.findings if one.severity == "warning"}
    assert kinds <= {"unknown-field", "no-log-source", "never-fires"}
