"""A bundle is installed whole or not at all, only if it is trusted and newer, and a person's own stays."""

import os
import signal
import subprocess
import sys
import textwrap
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.autopilot.content_build import build
from watchkeeper.autopilot.content_folder import current, installed, kind_folder
from watchkeeper.autopilot.content_install import Allowed, install
from watchkeeper.autopilot.ruleset_update import since_update, update
from watchkeeper.bundle.minisign import new_key
from watchkeeper.bundle.recipe import read_recipe
from watchkeeper.detection import load_rules
from watchkeeper.detection.intel.installed import open_installed

MOMENT = datetime(2026, 5, 1, 6, tzinfo=UTC)
LATER = MOMENT + timedelta(days=7)
KEY = new_key(b"\x07" * 32, b"\x01\x02\x03\x04\x05\x06\x07\x08")
TRUSTED = (KEY.public,)
RULE = """
title: Rule {number}
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a{number:02}
logsource: {{product: windows, category: process_creation}}
detection: {{selection: {{CommandLine|contains: evil}}, condition: selection}}
"""
PARTS = {
    "rules": "{kind: rules, path: rules, licence: DRL-1.1}",
    "kev": "{kind: kev, path: kev.csv, licence: CC0-1.0}",
    "intel": "{kind: intel, path: acme.csv, licence: CC0-1.0, source: ACME, confidence: 70, tlp: amber}",
}


def _bundle(tmp_path: Path, name: str, created: datetime, *, rule: int = 1, kinds: tuple[str, ...] = tuple(PARTS)) -> Path:
    place = tmp_path / f"made-{name}"
    (place / "rules").mkdir(parents=True)
    (place / "rules" / f"{rule}.yml").write_text(RULE.format(number=rule), "utf-8")
    (place / "kev.csv").write_text(f"cveID\nCVE-2026-{rule:04}\n", "utf-8")
    (place / "acme.csv").write_text(f"192.0.2.{rule}\n", "utf-8")
    listed = "\n".join(f"  - {PARTS[kind]}" for kind in kinds)
    (place / "recipe.yml").write_text(f"name: weekly\nversion: {name}\nparts:\n{listed}\n", "utf-8")
    return build(read_recipe(place / "recipe.yml"), tmp_path / f"{name}.zip", created, KEY).bundle.path


def _everything(*folders: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def _titles(folder: Path) -> list[str]:
    return sorted(rule.title for rule in load_rules(installed(folder)).rules)


def test_a_trusted_bundle_is_in_force_and_says_what_it_brings(tmp_path: Path) -> None:
    folder, state = tmp_path / "rules", tmp_path / "state"
    done = install(_bundle(tmp_path, "one", MOMENT), folder, state, MOMENT, TRUSTED, Allowed())
    assert (done.is_new, done.bundle.signer, _titles(folder)) == (True, KEY.public.name, ["Rule 1"])
    origin = done.now.kinds["kev"]
    assert (origin.name, origin.version, origin.created, origin.signer) == ("weekly", "one", MOMENT, KEY.public.name)
    done = install(_bundle(tmp_path, "two", LATER, rule=2), folder, state, LATER, TRUSTED, Allowed())
    assert _titles(folder) == ["Rule 2"]
    assert [len(some) for some in (done.changes.rules_added, done.changes.rules_removed)] == [1, 1]
    assert (done.changes.changed, done.changes.exploited_added) == (("intel/acme/acme.csv", "kev/kev/kev.csv"), ("CVE-2026-0002",))
    assert len(since_update(folder)[1].added) == 1


def test_ones_own_rules_and_feedback_stay(tmp_path: Path) -> None:
    folder, state = tmp_path / "rules", tmp_path / "state"
    (folder / "local").mkdir(parents=True)
    (folder / "local" / "9.yml").write_text(RULE.format(number=9), "utf-8")
    state.mkdir()
    (state / "watchkeeper.db").write_bytes(b"feedback")
    install(_bundle(tmp_path, "one", MOMENT), folder, state, MOMENT, TRUSTED, Allowed())
    assert _titles(folder) == ["Rule 1", "Rule 9"]
    assert (state / "watchkeeper.db").read_bytes() == b"feedback"


def test_kinds_that_a_bundle_has_not_stay(tmp_path: Path) -> None:
    folder, state = tmp_path / "rules", tmp_path / "state"
    install(_bundle(tmp_path, "one", MOMENT), folder, state, MOMENT, TRUSTED, Allowed())
    done = install(_bundle(tmp_path, "two", LATER, rule=2, kinds=("kev",)), folder, state, LATER, TRUSTED, Allowed())
    assert {kind: origin.version for kind, origin in done.now.kinds.items()} == {"rules": "one", "intel": "one", "kev": "two"}
    assert _titles(folder) == ["Rule 1"]


def test_new_rules_stay_new_until_others_come(tmp_path: Path) -> None:
    folder, state = tmp_path / "rules", tmp_path / "state"
    for week, (number, kinds) in enumerate([(1, ("rules",)), (2, ("rules",)), (3, ("kev",)), (4, ("kev",)), (5, ("rules",))]):
        when = MOMENT + timedelta(days=7 * week)
        install(_bundle(tmp_path, f"week{week}", when, rule=number, kinds=kinds), folder, state, when, TRUSTED, Allowed())
        told = since_update(folder)[1]
        found = tuple([rule.title for rule in some] for some in (told.added, told.removed))
        assert found == [(["Rule 1"], []), *[(["Rule 2"], ["Rule 1"])] * 3, (["Rule 5"], ["Rule 2"])][week]
        assert len(list((folder / "versions").iterdir())) <= 3


def test_a_zip_of_rules_afterwards_leaves_the_other_kinds(tmp_path: Path) -> None:
    folder, state = tmp_path / "rules", tmp_path / "state"
    install(_bundle(tmp_path, "one", MOMENT), folder, state, MOMENT, TRUSTED, Allowed())
    with zipfile.ZipFile(tmp_path / "rules.zip", "w") as archive:
        archive.writestr("5.yml", RULE.format(number=5))
    update(tmp_path / "rules.zip", folder, LATER)
    kev = kind_folder(folder, "kev")
    assert kev is not None
    assert (_titles(folder), (kev / "kev" / "kev.csv").exists()) == (["Rule 5"], True)


def test_intelligence_is_imported_with_what_is_said_of_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    bundle = _bundle(tmp_path, "one", MOMENT)
    received = install(bundle, tmp_path / "rules", state, MOMENT, TRUSTED, Allowed()).received
    assert received is not None
    assert (received.inbox, received.done and received.done.merged.added) == (None, 1)
    found = open_installed(state / "intel")
    assert found is not None
    (one,) = found.lookup.indicators.to_pylist()
    assert [one[name] for name in ("value", "source", "confidence", "tlp")] == ["192.0.2.1", "ACME", 70, "amber"]
    before = _everything(state)
    assert install(bundle, tmp_path / "rules", state, MOMENT, TRUSTED, Allowed()).received is None
    done = install(_bundle(tmp_path, "two", LATER, kinds=("kev",)), tmp_path / "rules", state, LATER, TRUSTED, Allowed())
    assert (done.received and done.received.done, _everything(state)) == (None, before)


def test_the_same_bundle_again_changes_nothing(tmp_path: Path) -> None:
    folder, bundle = tmp_path / "rules", _bundle(tmp_path, "one", MOMENT)
    first = install(bundle, folder, tmp_path / "state", MOMENT, TRUSTED, Allowed())
    before = _everything(folder)
    again = install(bundle, folder, tmp_path / "state", LATER, TRUSTED, Allowed())
    assert (again.is_new, again.now, _everything(folder)) == (False, first.now, before)


def test_nothing_is_written_before_a_bundle_is_trusted_whole_and_newer(tmp_path: Path) -> None:
    folder, state = tmp_path / "rules", tmp_path / "state"
    old, bundle = _bundle(tmp_path, "old", MOMENT - timedelta(days=7), rule=3), _bundle(tmp_path, "one", MOMENT)
    changed = tmp_path / "changed.zip"
    changed.write_bytes(bundle.read_bytes()[:-1] + b"\x01")
    future = _bundle(tmp_path, "future", LATER + timedelta(days=30))

    def refused(path: Path, reason: str, moment: datetime = MOMENT, keys: tuple = TRUSTED) -> None:  # type: ignore[type-arg] -- of keys
        before = _everything(tmp_path)
        with pytest.raises(ValueError, match=reason):
            install(path, folder, state, moment, keys, Allowed())
        assert _everything(tmp_path) == before

    refused(bundle, "which is not trusted", keys=())
    refused(changed, "changed after it was signed")
    refused(future, "later than the clock here says")
    assert not folder.exists()
    install(bundle, folder, state, MOMENT, TRUSTED, Allowed())
    refused(old, "no later than the intel that is installed")
    refused(changed, "changed after it was signed")
    assert install(old, folder, state, LATER, TRUSTED, Allowed(any_age=True)).is_new
    assert _titles(folder) == ["Rule 3"]


def test_an_unsigned_bundle_is_installed_only_on_request_and_stays_marked(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    done = install(_bundle(tmp_path, "one", MOMENT), folder, tmp_path / "state", MOMENT, (), Allowed(unsigned=True))
    assert (done.bundle.signer, done.now.kinds["rules"].signer) == ("", "")
    again = install(tmp_path / "one.zip", folder, tmp_path / "state", LATER, TRUSTED, Allowed())
    assert (again.is_new, again.now.kinds["rules"].signer) == (True, KEY.public.name)


def test_rules_that_cannot_run_leave_what_was_there(tmp_path: Path) -> None:
    folder, state = tmp_path / "rules", tmp_path / "state"
    first = install(_bundle(tmp_path, "one", MOMENT), folder, state, MOMENT, TRUSTED, Allowed())
    place = tmp_path / "made-one"
    (place / "rules" / "2.yml").write_text(RULE.format(number=2).replace("contains", "contian"), "utf-8")
    bad = build(read_recipe(place / "recipe.yml"), tmp_path / "bad.zip", LATER, KEY, force=True).bundle.path
    with pytest.raises(ValueError, match="1 of its 2 rules cannot run"):
        install(bad, folder, state, LATER, TRUSTED, Allowed())
    assert current(folder) == first.now
    assert len(list((folder / "versions").iterdir())) == 1
    assert len(install(bad, folder, state, LATER, TRUSTED, Allowed(broken=True)).broken) == 1


def _known(state: Path) -> list[str]:
    found = open_installed(state / "intel")
    return sorted(found.lookup.indicators.column("value").to_pylist()) if found else []


KILLED = """
    import os, signal, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from watchkeeper.autopilot.content_install import Allowed, install
    from watchkeeper.bundle.trusted import read_key
    calls, last = [0], int(sys.argv[4])

    def counted(event, args):
        touched = event in {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link"}
        if touched and any(place in str(args[0]) for place in sys.argv[2:4]):
            calls[0] += 1
            if calls[0] == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(counted)
    keys = (read_key(sys.argv[5]),)
    install(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), datetime(2026, 5, 8, 6, tzinfo=UTC), keys, Allowed())
"""


@pytest.mark.slow
def test_killed_at_any_moment_the_old_content_or_the_new_is_in_force_whole(tmp_path: Path) -> None:
    one = _bundle(tmp_path, "one", MOMENT)
    two = _bundle(tmp_path, "two", LATER, rule=2)
    seen = set[str]()
    for last in range(1, 400, 4):
        folder, state = tmp_path / f"rules{last}", tmp_path / f"state{last}"
        install(one, folder, state, MOMENT, TRUSTED, Allowed())
        words = [sys.executable, "-c", textwrap.dedent(KILLED), *map(str, (two, folder, state, last)), KEY.public.line]
        done = subprocess.run(words, capture_output=True, check=False, env={**os.environ, "NUMBA_DISABLE_JIT": "1"})
        assert done.returncode in {0, -signal.SIGKILL}, done.stderr
        kev, intel = kind_folder(folder, "kev"), kind_folder(folder, "intel")
        assert kev is not None
        assert intel is not None
        files = (kev / "kev" / "kev.csv", intel / "acme" / "acme.csv")
        state_now = _titles(folder)[0][-1] + "".join(path.read_text("utf-8").strip()[-1] for path in files)
        assert state_now in {"111", "222"}
        assert _known(state) in (["192.0.2.1"], ["192.0.2.2"])
        seen.add(state_now)
        assert install(two, folder, state, LATER + timedelta(days=1), TRUSTED, Allowed()).now.kinds["kev"].version == "two"
        assert _known(state) == ["192.0.2.2"]
        if done.returncode == 0:
            break
    assert (done.returncode, seen) == (0, {"111", "222"})
