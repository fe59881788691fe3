"""A recipe says what goes in, or what is wrong with it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.bundle.manifest import Part
from watchkeeper.bundle.recipe import read_recipe

GOOD = """
name: weekly
version: 2026-05-01
parts:
  - {kind: rules, path: rules.zip, licence: DRL-1.1, version: 1.10}
  - {kind: intel, path: feeds/acme.json.gz, licence: CC0-1.0, source: ACME, confidence: 80, tlp: amber}
"""


def _recipe(tmp_path: Path, text: str) -> Path:
    (tmp_path / "recipe.yml").write_text(text, "utf-8")
    return tmp_path / "recipe.yml"


def test_a_recipe_is_read(tmp_path: Path) -> None:
    recipe = read_recipe(_recipe(tmp_path, GOOD))
    assert [asked.part() for asked in recipe.parts] == [
        Part("rules", "rules", "DRL-1.1", "1.10"),
        Part("acme", "intel", "CC0-1.0", source="ACME", confidence=80, tlp="amber"),
    ]
    assert recipe.parts[1].path == str(tmp_path / "feeds/acme.json.gz")
    assert recipe.called(datetime.now(UTC)) == "2026-05-01"


def test_without_a_version_the_time_is_it(tmp_path: Path) -> None:
    recipe = read_recipe(_recipe(tmp_path, "name: a\nparts: [{kind: kev, path: /kev.csv, licence: CC0-1.0}]"))
    assert recipe.called(datetime(2026, 5, 1, tzinfo=UTC)) == "2026-05-01T00:00:00Z"
    assert recipe.parts[0].path == "/kev.csv"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no recipe"),
        ("name: [", "no recipe"),
        ("[" * 2000, "no recipe"),
        ("name: a\nparts: []", "no recipe"),
        ("name: a\nparts: [{kind: rules, path: x}]", "licence"),
        ("name: a\nparts: [{kind: virus, path: x, licence: y}]", "virus"),
        ("name: a\nparts: [{kind: intel, path: x, licence: y, confidence: 101}]", "confidence"),
        ("name: ../a\nparts: [{kind: rules, path: x, licence: y}]", "cannot be a name"),
        ("name: a\nparts: [{kind: rules, path: 'ä b', licence: y}]", "cannot be a name"),
        ("name: a\nparts: [{kind: rules, path: a/x.zip, licence: y}, {kind: rules, path: b/x, licence: y}]", "another `name:`"),
        ("x" * ((1 << 20) + 1), "larger than"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_recipe(_recipe(tmp_path, text))
