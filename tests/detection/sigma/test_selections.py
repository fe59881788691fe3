"""The author's names of selections, read again from a file or an archive."""

import zipfile
from pathlib import Path

import pytest

from watchkeeper.detection import load_rules
from watchkeeper.detection.sigma.condition import AllOf
from watchkeeper.detection.sigma.selections import selections

RULE = """title: Test
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a11
logsource: {product: windows, category: process_creation}
detection:
  image:
    Image|endswith: ['a.exe', 'b.exe']
    CommandLine|contains: evil
  keywords: [one, two]
  condition: image and keywords
"""


def test_every_selection_is_found_by_what_it_asks(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(RULE, "utf-8")
    (rule,) = load_rules([tmp_path]).rules
    named = selections(rule)
    assert isinstance(rule.condition, AllOf)
    assert [named[child] for child in rule.condition.children] == ["image", "keywords"]


def test_members_of_archives_are_read_whatever_they_are_called(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a!b.zip", "w") as archive:
        archive.writestr("x!y/a.yml", RULE)
    (rule,) = load_rules([tmp_path / "a!b.zip"]).rules
    assert set(selections(rule).values()) == {"image", "keywords"}


def test_a_file_that_has_changed_or_gone_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(RULE, "utf-8")
    (rule,) = load_rules([tmp_path]).rules
    path.write_text(RULE.replace("6a11", "6a12"), "utf-8")
    with pytest.raises(ValueError, match="no longer holds"):
        selections(rule)
    path.write_text("[", "utf-8")
    with pytest.raises(ValueError, match="cannot read"):
        selections(rule)
    path.unlink()
    with pytest.raises(FileNotFoundError, match="no longer there"):
        selections(rule)
