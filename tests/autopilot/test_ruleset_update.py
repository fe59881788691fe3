"""An update brings what the zip has or nothing at all, says what it brings, and never touches a person's own rules."""

import signal
import subprocess
import sys
import textwrap
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.autopilot import ruleset_update
from watchkeeper.autopilot.content_folder import VERSIONS, current, installed
from watchkeeper.autopilot.ruleset_update import since_update, update
from watchkeeper.detection import load_rules

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RULE = """
title: Rule {number}
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a{number:02d}
status: test
logsource: {{product: windows, category: process_creation}}
detection:
  selection: {{CommandLine|contains: '{asked}'}}
  condition: selection
level: high
"""
FILTER = """
title: Ours
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6aff
logsource: {product: windows, category: process_creation}
filter:
  rules: [0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a01]
  selection: {User: backup}
  condition: not selection
"""


def _rule(number: int, asked: str = "evil") -> str:
    return RULE.format(number=number, asked=asked)


def _zip(path: Path, *rules: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for place, rule in enumerate(rules):
            archive.writestr(f"rules/{place}.yml", rule)
    return path


def test_an_update_says_what_is_new_changed_and_gone(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    first = update(_zip(tmp_path / "one.zip", _rule(1), _rule(2), _rule(3)), folder, MOMENT)
    assert (first.is_new, first.rules, len(first.difference.added)) == (True, 3, 3)
    second = update(_zip(tmp_path / "two.zip", _rule(4), _rule(2, "worse"), _rule(1)), folder, MOMENT + timedelta(days=1))
    changes = second.difference
    assert [[rule.title for rule in rules] for rules in (changes.added, changes.changed, changes.removed)] == [
        ["Rule 4"],
        ["Rule 2"],
        ["Rule 3"],
    ]
    assert second.now.previous == first.now.version
    assert sorted(rule.title for rule in load_rules(installed(folder)).rules) == ["Rule 1", "Rule 2", "Rule 4"]
    ruleset, difference = since_update(folder)
    assert (len(ruleset.rules), difference.fresh) == (3, frozenset(rule.id for rule in (*changes.added, *changes.changed)))


def test_the_same_zip_again_changes_nothing(tmp_path: Path) -> None:
    archive, folder = _zip(tmp_path / "one.zip", _rule(1)), tmp_path / "rules"
    first = update(archive, folder, MOMENT)
    again = update(archive, folder, MOMENT + timedelta(days=1))
    assert (again.is_new, again.now, again.rules) == (False, first.now, 1)
    assert len(list((folder / VERSIONS).iterdir())) == 1


def test_ones_own_filter_outlives_updates(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    update(_zip(tmp_path / "one.zip", _rule(1)), folder, MOMENT)
    (folder / "local" / "ours.yml").write_text(FILTER, "utf-8")
    unfiltered = load_rules(installed(folder)[:1]).rules[0].condition
    done = update(_zip(tmp_path / "two.zip", _rule(1), _rule(2)), folder, MOMENT + timedelta(days=1))
    assert [rule.title for rule in done.difference.added] == ["Rule 2"]
    assert done.difference.changed == ()
    assert (folder / "local" / "ours.yml").read_text("utf-8") == FILTER
    assert load_rules(installed(folder)).rules[0].condition != unfiltered


def test_too_many_broken_rules_are_refused_unless_the_person_insists(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    first = update(_zip(tmp_path / "one.zip", _rule(1)), folder, MOMENT)
    bad = _zip(tmp_path / "bad.zip", *(_rule(number) for number in range(10, 20)), _rule(2).replace("contains", "contian"))
    with pytest.raises(ValueError, match="1 of its 11 rules cannot run"):
        update(bad, folder, MOMENT + timedelta(days=1))
    assert current(folder) == first.now
    done = update(bad, folder, MOMENT + timedelta(days=1), force=True)
    assert [(one.path, one.severity) for one in done.broken] == [("bad.zip!rules/10.yml", "error")]
    assert "did you mean 'contains'" in done.broken[0].what


@pytest.mark.parametrize("rules", [(), ("title: no rule\n",), ("title: [",)])
def test_a_zip_without_rules_is_refused_even_then(tmp_path: Path, rules: tuple[str, ...]) -> None:
    folder = tmp_path / "rules"
    with pytest.raises(ValueError, match="none of its"):
        update(_zip(tmp_path / "one.zip", *rules), folder, MOMENT, force=True)
    assert current(folder) is None
    assert list((folder / VERSIONS).iterdir()) == []


def test_a_refused_zip_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    first = update(_zip(tmp_path / "one.zip", _rule(1)), folder, MOMENT)
    with zipfile.ZipFile(tmp_path / "slip.zip", "w") as archive:
        archive.writestr("../../slipped.yml", _rule(2))
    with pytest.raises(ValueError, match="what was installed before stays"):
        update(tmp_path / "slip.zip", folder, MOMENT + timedelta(days=1))
    assert current(folder) == first.now
    assert [path.name for path in (folder / VERSIONS).iterdir()] == [first.now.version]
    assert list(tmp_path.rglob("slipped.yml")) == []


def test_a_damaged_folder_is_mended_by_an_update(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    update(_zip(tmp_path / "one.zip", _rule(1)), folder, MOMENT)
    (folder / "current.json").write_bytes(b"\0\0\0")
    done = update(tmp_path / "one.zip", folder, MOMENT + timedelta(days=1))
    assert (done.is_new, done.now.previous, len(done.difference.added)) == (True, "", 1)
    assert len(load_rules(installed(folder)).rules) == 1


KILLED = """
    import os, signal, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from watchkeeper.autopilot import content_folder, ruleset_update
    calls, last = [0], int(sys.argv[3])

    def counted(event, args):
        if event in {{"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir"}} and "{folder}" in str(args[0]):
            calls[0] += 1
            if calls[0] == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(counted)
    ruleset_update.update(Path(sys.argv[1]), Path(sys.argv[2]), datetime(2026, 1, 3, tzinfo=UTC))
"""


@pytest.mark.slow
def test_killed_at_any_moment_the_old_rules_or_the_new_ones_are_in_force(tmp_path: Path) -> None:
    one, two = _zip(tmp_path / "one.zip", _rule(1)), _zip(tmp_path / "two.zip", _rule(2), _rule(3))
    seen = set[tuple[str, ...]]()
    for last in range(1, 60, 2):
        folder = tmp_path / f"rules{last}"
        update(one, folder, MOMENT)
        words = [sys.executable, "-c", textwrap.dedent(KILLED).format(folder=folder), str(two), str(folder), str(last)]
        done = subprocess.run(words, capture_output=True, check=False)
        assert done.returncode in {0, -signal.SIGKILL}, done.stderr
        titles = tuple(sorted(rule.title for rule in load_rules(installed(folder)).rules))
        assert titles in {("Rule 1",), ("Rule 2", "Rule 3")}
        seen.add(titles)
        again = update(two, folder, MOMENT + timedelta(days=9))
        assert again.rules == 2
        if done.returncode == 0:
            break
    assert len(seen) == 2


@pytest.mark.slow
def test_sigmahq_is_installed_whole(tmp_path: Path, data: Path) -> None:
    done = update(data / "sigma" / "sigma_all_rules.zip", tmp_path / "rules", MOMENT)
    assert done.rules + len(done.broken) == 3757
    assert len(done.broken) < ruleset_update.MOST_BROKEN * 3757
    assert any(path.name == "LICENSE" for path in installed(tmp_path / "rules")[0].iterdir())
