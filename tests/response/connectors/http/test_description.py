"""Descriptions are read strictly, those that ship are whole, and each says that nobody tried it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from watchkeeper.response.connectors.http.description import NOT_TRIED, read_definition, shipped

ROOT = Path(__file__).parents[4]


def _written(folder: Path, **otherwise: Any) -> str:
    action = {
        "kinds": {"host": "Host"}, "do": [{"request": "POST /things/{target}"}],
        "check": [{"request": "GET /things/{target}", "remember": {"x": {"path": "x"}}}], "in_force": [{"value": "{found.x}"}],
    }  # fmt: skip
    told: dict[str, Any] = {"product": "P", "source": "s", "tried": True, "actions": {"isolate_host": action | otherwise.pop("action", {})}}
    path = folder / "own.yml"
    path.write_text(yaml.safe_dump(told | otherwise))
    return str(path)


def test_those_that_ship_say_what_they_rest_on_and_that_they_were_not_tried() -> None:
    assert shipped() == ("defender", "jira", "servicenow", "wazuh")
    said = (ROOT / "docs" / "response.md").read_text("utf-8")
    for name in shipped():
        told = read_definition(name)
        assert told.source
        assert (told.tried, told.note) == (False, NOT_TRIED)
        row = next(line for line in said.splitlines() if line.startswith(f"| `{name}` |"))
        assert NOT_TRIED in row
        assert all(f"`{action}`" in row for action in told.actions)


def test_ones_own_is_read_from_its_path(tmp_path: Path) -> None:
    assert list(read_definition(_written(tmp_path)).actions) == ["isolate_host"]


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        ({"tried": False}, "a description that was not tried says so"),
        ({"actions": {}}, "actions: "),
        ({"strange": 1}, "strange: Extra inputs"),
        ({"action": {"kinds": {}}}, "kinds"),
        ({"action": {"do": []}}, "do"),
        ({"action": {"do": [{"request": "TRACE /x"}]}}, "no request"),
        ({"action": {"do": [{"request": "GET https://evil.example/"}]}}, "no request"),
        ({"action": {"do": [{"request": "GET //evil.example/"}]}}, "no request"),
        ({"action": {"do": [{"request": "GET /x?y=z"}]}}, "no request"),
        ({"action": {"do": [{"request": "GET /x", "body": {}}]}}, "has a body"),
        ({"action": {"do": [{"request": "POST /x", "headers": {"Authorization": "x"}}]}}, "no header that a description may set"),
        ({"action": {"do": [{"request": "POST /x", "headers": {"a b": "x"}}]}}, "no header"),
        ({"action": {"do": [{"request": "POST /x", "body": {"{key}": 1}}]}}, "no fixed text"),
        ({"action": {"do": [{"request": "POST /x/{found.y}"}]}}, "no step before it remembers"),
        ({"action": {"do": [{"request": "POST /x", "not_given": ["found.y"]}]}}, "no step before it remembers"),
        ({"action": {"do": [{"request": "POST /x/{setting.y}"}]}}, "'setting.y', which is nothing"),
        ({"action": {"do": [{"request": "POST /x/{password}"}]}}, "'password', which is nothing"),
        ({"action": {"in_force": []}}, "needs `check` and `in_force`"),
        ({"action": {"unchecked": "why"}}, "needs `check` and `in_force`"),
        ({"action": {"in_force": [{"value": "{found.z}"}]}}, "no step before it remembers"),
    ],
)
def test_what_is_wrong_in_one_is_named(tmp_path: Path, otherwise: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_definition(_written(tmp_path, **otherwise))


@pytest.mark.parametrize("name", ["nothing", "../../etc/passwd", "/nowhere/at/all.yml", "", "defender.yml"])
def test_one_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=r"there is no description|cannot be read"):
        read_definition(name)


@pytest.mark.parametrize(("text", "said"), [("a: [", "no YAML"), ("- a", "it: "), ("#" * 300_000, "more than 256 KiB")])
def test_what_is_none_is_said(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.yml").write_text(text)
    with pytest.raises(ValueError, match=said):
        read_definition(str(tmp_path / "x.yml"))
