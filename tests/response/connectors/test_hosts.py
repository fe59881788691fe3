"""Hosts: only those that are named are reached, and an address that could not stand in a command is refused when it is read."""

from pathlib import Path

import pytest

from watchkeeper.model.entity import Entity
from watchkeeper.model.proposal import Proposal
from watchkeeper.response.connectors.hosts import HostsPlace
from watchkeeper.response.places import FILE, Entry, read_places

TEXT = """places:
  - name: servers
    by: hosts
    system: linux
    actions: [isolate_host]
    hosts: {{web1: {address}}}
    at: {{user: watchkeeper, identity: "file:/key", known_hosts: /known}}
"""


def _read(folder: Path, address: str = "192.0.2.1") -> Entry:
    (folder / FILE).write_text(TEXT.format(address=address))
    (entry,) = read_places(folder / FILE)
    return entry


def _proposal(*targets: Entity) -> Proposal:
    return Proposal(
        tenant="default", incident="i1", action="isolate_host", targets=targets, evidence=("e1",), kinds=("windows/Sysmon",),
        confidence=0.9, blast_radius=1, undoable=True, expiry_seconds=60, asked_by="playbook:intrusion",
    )  # fmt: skip


def test_a_place_serves_its_own_hosts_alone(tmp_path: Path) -> None:
    entry = _read(tmp_path)
    assert entry.fits(_proposal(Entity(kind="host", value="web1")))
    assert entry.fits(_proposal(Entity(kind="process", value="web1:44 sleep")))
    assert not entry.fits(_proposal(Entity(kind="host", value="web1"), Entity(kind="host", value="web2")))


def test_snapshots_go_beside_the_file_unless_told_otherwise(tmp_path: Path) -> None:
    place = _read(tmp_path).place
    assert isinstance(place, HostsPlace)
    assert place.evidence == str(tmp_path / "evidence")


def test_an_address_that_would_be_an_option_is_refused_when_the_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'response.yml', place 1"):
        _read(tmp_path, address="-oProxyCommand=id")


def test_what_a_system_does_not_have_is_said(tmp_path: Path) -> None:
    place = _read(tmp_path).place
    with pytest.raises(ValueError, match=r"'servers' is hosts with linux, which have 'isolate_host', .*, not 'disable_account'"):
        place.means("disable_account", str)
    assert place.means("kill_process", str).undo is None
    assert place.means("isolate_host", str).undo is not None


@pytest.mark.parametrize(
    ("system", "more", "said"),
    [
        ("windows", "at: {user: a, identity: 'file:/key', known_hosts: /known, before: [sudo]}", "log in as an administrator"),
        ("windows", "quarantine: /var/lib/kept", "no whole path"), ("windows", 'quarantine: "C:\\\\"', "no whole path"),
        ("linux", 'quarantine: "C:\\\\kept"', "no whole path on linux"), ("linux", "quarantine: kept", "no whole path on linux"),
        ("plan9", "", "system: Input should be"),
    ],
)  # fmt: skip
def test_what_a_system_has_not_is_refused_when_the_file_is_read(tmp_path: Path, system: str, more: str, said: str) -> None:
    text = TEXT.format(address="192.0.2.1").replace("linux", system)
    text = text.replace(text[text.index("    at:") :], f"    {more}\n") if more.startswith("at:") else f"{text}    {more}\n"
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ValueError, match=said):
        read_places(tmp_path / FILE)


def test_windows_has_its_own_actions_and_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(TEXT.format(address="192.0.2.1").replace("linux", "windows") + '    quarantine: "D:\\\\Kept"\n')
    (entry,) = read_places(tmp_path / FILE)
    with pytest.raises(ValueError, match=r"have 'isolate_host', 'kill_process', 'quarantine_file', not 'snapshot_evidence'"):
        entry.place.means("snapshot_evidence", str)
    assert entry.place.means("quarantine_file", str).undo is not None
