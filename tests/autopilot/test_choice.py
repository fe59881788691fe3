"""Rules, placeholders and log sources that belong together."""

from pathlib import Path

import pytest

from watchkeeper.autopilot.choice import Choice

RULE = """title: Test
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a11
logsource: {product: windows}
detection:
  selection: {User|expand: '%ours%'}
  condition: selection
"""


def test_placeholders_go_with_the_rules(tmp_path: Path) -> None:
    (tmp_path / "rule.yml").write_text(RULE, "utf-8")
    (tmp_path / "values.yml").write_text("ours: [ann]\n", "utf-8")
    assert Choice((tmp_path / "rule.yml",)).ruleset().rules == ()
    assert len(Choice((tmp_path / "rule.yml",), tmp_path / "values.yml").ruleset().rules) == 1


def test_log_sources_of_ones_own_stand_beside_ours(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text("acme: {services: {door: [Door]}}\n", "utf-8")
    assert "acme" in Choice(log_sources=(tmp_path / "own.yml",)).sources().products
    with pytest.raises(FileNotFoundError):
        Choice(log_sources=(tmp_path / "nowhere.yml",)).sources()
