"""Routes: read from YAML with plain errors, and taken by what they ask for."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.notify.routes import Matter, Routes, read_routes, reasons_for, taken

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
TO = {"channel": "slack", "url": "env:SLACK"}


def _routes(*routes: dict[str, Any], **more: Any) -> Routes:
    return Routes.model_validate({"routes": [{"to": TO, **route} for route in routes], **more})


def _matter(**said: Any) -> Matter:
    return Matter.model_validate({"tenant": "default", "level": "high", "level_before": None, "owners": (), "reasons": ("new",), **said})


def _names(routes: Routes, **said: Any) -> list[str]:
    return [route.name for route in taken(routes, _matter(**said), NOON)]


def test_a_file_is_read_and_a_missing_one_has_no_routes(tmp_path: Path) -> None:
    path = tmp_path / "notify.yml"
    assert read_routes(path) == Routes()
    route = "{name: duty, to: {channel: slack, url: env:SLACK}, quiet: {starts: 22:00, ends: 07:00}}"
    path.write_text(f"base_url: https://console.example\nroutes:\n  - {route}\n")
    [route] = read_routes(path).routes
    assert (route.name, route.level, route.quiet and route.quiet.starts) == ("duty", "medium", "22:00")
    path.write_text("")
    assert read_routes(path) == Routes()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("routes: [", "is no YAML, line"), ("- a", "the file: "), ("routes: [{name: a}]", r"routes\.0\.to: Field required"),
        ("routes: [{name: a, to: {channel: pigeon}}]", "pigeon"),
        ("routes: [{name: a, to: {channel: slack, url: https://hooks.slack.com/T/B/hunter2}}]", "env:NAME"),
        ("base_url: http://console.example", "https address"), ("#" * (1 << 20) + "#", "more than 1 MiB"),
        ("routes: [{name: 'A b', to: {channel: slack, url: env:X}}]", "name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place_and_without_secrets(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "notify.yml").write_text(text)
    with pytest.raises(ValueError, match=why) as caught:
        read_routes(tmp_path / "notify.yml")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None or "hunter2" not in str(caught.value.__cause__)


def test_severity_tenant_owner_and_kind_of_change_decide() -> None:
    routes = _routes(
        {"name": "all"}, {"name": "worst", "level": "critical"}, {"name": "theirs", "tenants": ["acme"]},
        {"name": "dba", "owners": ["DBA"]},
        {"name": "won", "reasons": ["succeeded"]}, {"name": "later", "only_escalated": True},
    )  # fmt: skip
    assert _names(routes) == ["all"]
    assert _names(routes, level="low") == []
    assert _names(routes, level="critical") == ["all", "worst"]
    assert _names(routes, tenant="acme", owners=("dba", "web")) == ["all", "theirs", "dba"]
    assert _names(routes, reasons=("verdict", "succeeded")) == ["all", "won"]


def test_hours_decide() -> None:
    routes = _routes(
        {"name": "day", "hours": {"starts": "08:00", "ends": "18:00"}}, {"name": "night", "hours": {"starts": "18:00", "ends": "08:00"}}
    )
    assert _names(routes) == ["day"]


def test_that_it_became_more_severe_counts_where_it_was_not_severe_enough() -> None:
    low, high = _routes({"name": "low", "level": "low"}, {"name": "high", "level": "high"}).routes
    matter = _matter(level_before="medium", reasons=("severer",))
    assert (reasons_for(low, matter), reasons_for(high, matter)) == ((), ("severer",))


@pytest.mark.parametrize(
    ("routes", "why"),
    [
        ([{"name": "a"}, {"name": "a"}], "two routes are called 'a'"),
        ([{"name": "a", "escalate": {"after_minutes": 5, "to": "b"}}], "'b', which is no route"),
        ([{"name": "a", "escalate": {"after_minutes": 5, "to": "a"}}], "to itself"),
        (
            [{"name": "a", "escalate": {"after_minutes": 5, "to": "b"}}, {"name": "b", "escalate": {"after_minutes": 5, "to": "a"}}],
            "to itself",
        ),
    ],
)
def test_routes_that_lead_nowhere_are_refused(routes: list[dict[str, Any]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        _routes(*routes)


def test_the_example_in_the_documentation_is_one(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "notify.md").read_text("utf-8")
    (tmp_path / "notify.yml").write_text(text.partition("```yaml\n")[2].partition("```")[0])
    routes = read_routes(tmp_path / "notify.yml")
    assert [route.name for route in routes.routes] == ["duty", "lead", "tickets"]
    assert [route.name for _, route in routes.after(routes.routes[0])] == ["lead"]
