"""A list as a place: what is put on it is looked at as a fetcher gets it, wherever that is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.model.entity import Entity, EntityKind
from watchkeeper.model.means import Job, Means
from watchkeeper.response.places import FILE, read_places

TOKEN = "a-token-of-the-test"  # noqa: S105 -- of lists that are made here


def _job(kind: EntityKind, *values: str, expires: datetime | None = None) -> Job:
    targets = tuple(Entity(kind=kind, value=value) for value in values)
    return Job(key="k1", tenant="default", incident="i", action="add_indicator", targets=targets, arguments={}, expires=expires)


def _means(state: Path, more: str = "") -> Means:
    (state / FILE).write_text(f"places: [{{name: block, by: list, actions: [add_indicator], token: 'env:T'{more}}}]")
    [entry] = read_places(state / FILE)
    return entry.place.means("add_indicator", lambda _: TOKEN)


def test_values_come_onto_a_list_in_the_state_folder_and_leave_it(tmp_path: Path) -> None:
    means, job = _means(tmp_path), _job("domain", "Evil.Example", "b.example")
    assert means.check(job).outcome == "not-in-force"
    assert (means.do(job).reference, "2 of 2" in means.do(job.model_copy(update={"key": "k2"})).said) == ("block", True)
    assert "0 of 2" in means.do(job).said
    assert (tmp_path / "lists" / "block.jsonl").exists()
    assert means.check(job).outcome == "in-force"
    assert means.undo
    assert "2 values were taken off" in means.undo(job).said
    assert means.check(job).outcome == "in-force"
    means.undo(job.model_copy(update={"key": "k2"}))
    assert means.check(job).outcome == "not-in-force"


def test_what_expired_is_not_in_force(tmp_path: Path) -> None:
    means = _means(tmp_path)
    over = _job("hash", "a" * 64, expires=datetime.now(UTC) - timedelta(seconds=1))
    means.do(over)
    assert means.check(over).outcome == "not-in-force"


def test_a_check_fetches_the_list_where_others_do(tmp_path: Path, serve: Callable[..., Any]) -> None:
    server = serve()
    means, job = _means(tmp_path, f", url: '{server.url}/lists/block.txt'"), _job("address", "203.0.113.9", "203.0.113.10")
    means.do(job)
    server.answers["/lists/block.txt"] = (200, {}, b"203.0.113.9\n203.0.113.100\n")
    seen = means.check(job)
    assert (seen.outcome, "1 of 2 values, such as 203.0.113.10" in seen.said) == ("not-in-force", True)
    assert {name.lower(): value for name, value in server.asked[0][1].items()}["authorization"] == f"Bearer {TOKEN}"
    server.answers["/lists/block.txt"] = (200, {}, b"203.0.113.9\n203.0.113.10\n")
    assert means.check(job).outcome == "in-force"
    for status, error in ((401, ValueError), (503, ConnectionError)):
        server.answers["/lists/block.txt"] = (status, {}, b"")
        with pytest.raises(error, match=f"'block': .* status {status}"):
            means.check(job)


@pytest.mark.parametrize(
    ("kind", "value"), [("user", "bob"), ("domain", "a\nb.example"), ("address", "0.0.0.0/0"), ("url", "x"), ("hash", "0")]
)
def test_what_is_no_value_of_a_list_is_refused_and_nothing_is_added(tmp_path: Path, kind: EntityKind, value: str) -> None:
    means = _means(tmp_path)
    with pytest.raises(ValueError, match=r"takes address|may be acted on"):
        means.do(_job(kind, *({"domain": ["a.example"]}.get(kind, [])), value))
    assert not (tmp_path / "lists" / "block.jsonl").exists()


def test_a_list_of_addresses_takes_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'block' takes address, not the domain 'a\.example'"):
        _means(tmp_path, ", kinds: [address]").do(_job("domain", "a.example"))
    (tmp_path / FILE).write_text("places: [{name: block, by: list, actions: [block_address], token: 'env:T'}]")
    with pytest.raises(ValueError, match="does add_indicator and not 'block_address'"):
        read_places(tmp_path / FILE)[0].place.means("block_address", lambda _: TOKEN)
