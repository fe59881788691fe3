"""Placeholders: reading their values."""

from pathlib import Path

import pytest

from watchkeeper.detection.sigma.placeholder_file import read_placeholders


def test_values_are_read_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "placeholders.yml"
    path.write_text("servers: [dc1, dc2]\n'%port%': 443\n", "utf-8")
    assert read_placeholders(path) == {"servers": ("dc1", "dc2"), "port": ("443",)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [("a: [", "it is not YAML"), ("- a", "must give names"), ("a: {b: c}", "the values of 'a' must be text"), ("a:", "'a'")],
)
def test_other_files_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "placeholders.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=reason):
        read_placeholders(path)
