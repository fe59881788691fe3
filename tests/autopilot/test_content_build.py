"""A bundle holds what its recipe says, says what changed since the last, and is the same whenever it is built."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.autopilot.content_build import build
from watchkeeper.bundle.minisign import new_key
from watchkeeper.bundle.opening import open_bundle
from watchkeeper.bundle.recipe import read_recipe

MOMENT = datetime(2026, 5, 1, 6, tzinfo=UTC)
KEY = new_key(b"\x07" * 32, b"\x01\x02\x03\x04\x05\x06\x07\x08")
RULE = """
title: Rule {number}
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a{number:02}
logsource: {{product: windows, category: process_creation}}
detection: {{selection: {{CommandLine|contains: {asked}}}, condition: selection}}
"""
RECIPE = """
name: weekly
parts:
  - {kind: rules, path: rules.zip, licence: DRL-1.1}
  - {kind: rules, path: ours, licence: Apache-2.0}
  - {kind: kev, path: kev.csv, licence: CC0-1.0}
  - {kind: intel, path: feeds, licence: CC0-1.0, name: acme, source: ACME, confidence: 70, tlp: green}
"""


def _lay_out(tmp_path: Path, asked: str = "evil", kev: str = "CVE-2026-0001") -> Path:
    with zipfile.ZipFile(tmp_path / "rules.zip", "w") as archive:
        archive.writestr("rules/1.yml", RULE.format(number=1, asked=asked))
        archive.writestr("rules/x.py", "")
    for place in ("ours", "feeds/deep"):
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
    (tmp_path / "ours" / "2.yml").write_text(RULE.format(number=2, asked="bad"), "utf-8")
    (tmp_path / "ours" / "note.txt").write_text("not a rule", "utf-8")
    (tmp_path / "kev.csv").write_text(f"cveID,product\n{kev},x\n", "utf-8")
    (tmp_path / "feeds" / "deep" / "a.csv").write_text("192.0.2.1\n", "utf-8")
    (tmp_path / "recipe.yml").write_text(RECIPE, "utf-8")
    return tmp_path / "recipe.yml"


@pytest.mark.parametrize(
    ("kind", "content", "reason"),
    [("warninglists", "{}", "no warning lists"), ("logsources", "- acme", "Expected `object`"), ("kev", "cveID\n", "names no CVE")],
)
def test_a_kind_that_is_not_of_its_form_is_not_built(tmp_path: Path, kind: str, content: str, reason: str) -> None:
    (tmp_path / "x.yml").write_text(content, "utf-8")
    (tmp_path / "recipe.yml").write_text(f"name: weekly\nparts: [{{kind: {kind}, path: x.yml, licence: CC0-1.0}}]", "utf-8")
    with pytest.raises(ValueError, match=reason):
        build(read_recipe(tmp_path / "recipe.yml"), tmp_path / "one.zip", MOMENT, KEY)
    assert not (tmp_path / "one.zip").exists()


def test_a_bundle_holds_what_the_recipe_says(tmp_path: Path) -> None:
    recipe = read_recipe(_lay_out(tmp_path))
    done = build(recipe, tmp_path / "one.zip", MOMENT, KEY)
    manifest = done.bundle.manifest
    assert [member.name for member in manifest.members] == [
        "intel/acme/deep/a.csv",
        "kev/kev/kev.csv",
        "rules/ours/2.yml",
        "rules/rules/rules/1.yml",
    ]
    assert [(part.kind, part.name, part.licence, part.tlp) for part in manifest.parts] == [
        ("intel", "acme", "CC0-1.0", "green"),
        ("kev", "kev", "CC0-1.0", ""),
        ("rules", "ours", "Apache-2.0", ""),
        ("rules", "rules", "DRL-1.1", ""),
    ]
    assert (manifest.name, manifest.version, manifest.created) == ("weekly", "2026-05-01T06:00:00Z", MOMENT)
    assert (done.bundle.signer, done.left_out, done.broken) == (KEY.public.name, {"rules": 1, "ours": 1}, ())
    build(recipe, tmp_path / "two.zip", MOMENT, KEY)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_it_says_what_changed_since_the_last(tmp_path: Path) -> None:
    recipe = read_recipe(_lay_out(tmp_path))
    first = build(recipe, tmp_path / "one.zip", MOMENT, KEY).bundle
    _lay_out(tmp_path, asked="worse", kev="CVE-2026-0002")
    (tmp_path / "ours" / "2.yml").unlink()
    (tmp_path / "ours" / "3.yml").write_text(RULE.format(number=3, asked="bad"), "utf-8")
    manifest = build(recipe, tmp_path / "two.zip", MOMENT, KEY, open_bundle(first.path, (KEY.public,))).bundle.manifest
    assert manifest.previous == first.digest
    changes = manifest.changes
    assert (changes.added, changes.removed) == (("rules/ours/3.yml",), ("rules/ours/2.yml",))
    assert changes.changed == ("kev/kev/kev.csv", "rules/rules/rules/1.yml")
    assert [[name[-2:] for name in some] for some in (changes.rules_added, changes.rules_changed, changes.rules_removed)] == [
        ["03"],
        ["01"],
        ["02"],
    ]
    assert changes.exploited_added == ("CVE-2026-0002",)


def test_without_a_key_it_is_not_signed(tmp_path: Path) -> None:
    assert build(read_recipe(_lay_out(tmp_path)), tmp_path / "one.zip", MOMENT).bundle.signer == ""
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.testzip() is None


def test_what_nobody_could_use_is_not_built(tmp_path: Path) -> None:
    recipe = read_recipe(_lay_out(tmp_path))
    (tmp_path / "kev.csv").write_text("nothing\n", "utf-8")
    with pytest.raises(ValueError, match="no list of known exploited"):
        build(recipe, tmp_path / "one.zip", MOMENT, KEY)
    _lay_out(tmp_path)
    (tmp_path / "ours" / "2.yml").write_text(RULE.format(number=2, asked="bad").replace("contains", "contian"), "utf-8")
    with pytest.raises(ValueError, match="1 of its 2 rules cannot run"):
        build(recipe, tmp_path / "one.zip", MOMENT, KEY)
    assert len(build(recipe, tmp_path / "one.zip", MOMENT, KEY, force=True).broken) == 1


def test_what_is_missing_empty_or_a_link_is_refused(tmp_path: Path) -> None:
    recipe = read_recipe(_lay_out(tmp_path))
    (tmp_path / "feeds" / "deep" / "a.csv").unlink()
    with pytest.raises(ValueError, match="holds no file of the kind 'intel'"):
        build(recipe, tmp_path / "one.zip", MOMENT, KEY)
    (tmp_path / "feeds" / "link.csv").symlink_to("/etc/hostname")
    with pytest.raises(ValueError, match="is a link"):
        build(recipe, tmp_path / "one.zip", MOMENT, KEY)
    (tmp_path / "kev.csv").unlink()
    (tmp_path / "feeds" / "link.csv").unlink()
    (tmp_path / "feeds" / "a.csv").write_text("x", "utf-8")
    with pytest.raises(FileNotFoundError, match=r"kev\.csv"):
        build(recipe, tmp_path / "one.zip", MOMENT, KEY)
    assert not (tmp_path / "one.zip").exists()
