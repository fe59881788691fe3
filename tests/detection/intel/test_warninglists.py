import json
import zipfile
from pathlib import Path

import pytest

from watchkeeper.detection.intel.warninglists import read_warninglists


def _list(name: str, kind: str, entries: list[str], *attributes: str) -> str:
    return json.dumps({"name": name, "type": kind, "version": 1, "description": "", "list": entries, "matching_attributes": attributes})


def _zip(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_lists_of_a_zip_are_read_and_what_cannot_be_used_is_counted(tmp_path: Path) -> None:
    files = {
        "lists/dns/list.json": _list("resolvers", "cidr", ["203.0.113.53", "rubbish"], "ip-src", "domain|ip"),
        "lists/vpn/list.json": _list("vpns", "cidr", ["198.51.100.0/24"], "ip-dst"),
        "lists/phones/list.json": _list("phones", "regex", ["/1/"], "phone-number"),
        "lists/bad/list.json": "{",
        "README.md": "",
    }
    read = read_warninglists(_zip(tmp_path / "a.zip", files), frozenset({"vpn"}))
    assert [one.name for one in read.lists.lists] == ["resolvers"]
    assert read.lists.covering("address", "203.0.113.53")
    assert read.lists.covering("address", "198.51.100.1") is None
    assert sorted(read.skipped.values()) == [1, 1, 1, 1]


def test_one_list_by_itself_is_read(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(_list("shops", "hostname", ["shop.example"], "domain"))
    assert read_warninglists(tmp_path / "list.json").lists.covering("domain", "www.shop.example")


@pytest.mark.parametrize("content", [b"PK\x03\x04 damaged", b"{}", b""])
def test_a_file_without_lists_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(ValueError, match=r"no warning lists|cannot read"):
        read_warninglists(tmp_path / "a.zip")


def test_every_published_list_that_is_about_our_kinds_is_used(data: Path) -> None:
    read = read_warninglists(data / "intel" / "misp-warninglists.zip")
    assert len(read.lists.lists) >= 130
    assert set(read.skipped) <= {"a list about attributes that are not compared with events"}
    assert read.lists.covering("address", "8.8.8.8")
