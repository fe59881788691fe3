"""`response.yml` is read strictly: what is wrong in it is named, and no place stands in for another."""

from pathlib import Path

import pytest

from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Means
from watchkeeper.model.proposal import Proposal
from watchkeeper.response.connectors.place import Place
from watchkeeper.response.places import FILE, Entry, means_of, read_places
from watchkeeper.settings.references import Reveal


class Edge(Place):
    """A place that can do nothing."""

    def means(self, action: str, reveal: Reveal) -> Means:
        raise ValueError(f"{self.name!r} has no {action!r}")


def _proposal(**otherwise: object) -> Proposal:
    told = {
        "tenant": "default", "incident": "i1", "action": "block_address", "targets": (Entity(kind="address", value="203.0.113.9"),),
        "evidence": ("e1",), "kinds": ("windows/Sysmon",), "confidence": 0.9, "blast_radius": 1, "undoable": True, "expiry_seconds": 60,
        "asked_by": "playbook:intrusion",
    }  # fmt: skip
    return Proposal.model_validate({**told, **otherwise})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("places: [", "no YAML"),
        ("routes: []", "needs `places:`"),
        ("- a", "needs `places:`"),
        ("places: [a]", "place 1: `by` is 'None'"),
        ("places: [{by: nothing}]", "place 1: `by` is 'nothing'"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ValueError, match=said):
        read_places(tmp_path / FILE)


def test_without_a_file_there_is_no_place_and_no_means(tmp_path: Path) -> None:
    assert read_places(tmp_path / FILE) == ()
    assert means_of((), _proposal(), str) is None


def test_a_place_is_for_its_actions_tenants_and_targets_alone() -> None:
    place = Edge(name="edge", actions=("block_address",))
    assert Entry(place=place).fits(_proposal())
    assert not Entry(place=place).fits(_proposal(action="isolate_host"))
    assert not Entry(place=place, tenants=("acme",)).fits(_proposal())
    assert Entry(place=place, tenants=("acme",)).fits(_proposal(tenant="acme"))
    assert not Entry(place=place, only=("ws1",)).fits(_proposal())
    assert Entry(place=place, only=("ws1",)).fits(_proposal(arguments={"host": "ws1"}))
