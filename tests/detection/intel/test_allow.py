from pathlib import Path

import pytest

from watchkeeper.detection.intel.allow import AllowLists, ListType, make_allow_lists, open_allow_lists, prepared, write_allow_lists

LISTS = (
    ListType("strings", "string", frozenset({"domain", "url", "hash", "address"})),
    ListType("hosts", "hostname", frozenset({"domain", "url"})),
    ListType("networks", "cidr", frozenset({"address", "network"})),
    ListType("pieces", "substring", frozenset({"mailbox"})),
    ListType("patterns", "regex", frozenset({"mailbox"})),
)
ENTRIES = [
    (0, "top.example"), (0, "d41d8cd98f00b204e9800998ecf8427e"), (0, "203.0.113.5"), (1, "shop.example"), (2, "198.51.100.0/24"),
    (2, "2001:db8::/32"), (3, "mailinator"), (4, prepared("regex", r"/^(abuse|security)@.*\..*$/i")),
]  # fmt: skip


@pytest.fixture(params=["made", "mapped"])
def allow(request: pytest.FixtureRequest, tmp_path: Path) -> AllowLists:
    made = make_allow_lists(LISTS, ENTRIES)
    if request.param == "made":
        return made
    write_allow_lists(made, tmp_path)
    return open_allow_lists(tmp_path)


@pytest.mark.parametrize(
    ("kind", "value", "by"),
    [
        ("domain", "top.example", "strings"), ("domain", "www.top.example", ""), ("url", "http://top.example/", "strings"),
        ("url", "http://top.example/x", ""), ("hash", "d41d8cd98f00b204e9800998ecf8427e", "strings"), ("file", "top.example", ""),
        ("domain", "a.b.shop.example", "hosts"), ("url", "https://cdn.shop.example/x?y", "hosts"), ("domain", "notshop.example", ""),
        ("address", "198.51.100.77", "networks"), ("address", "2001:db8::77", "networks"), ("address", "203.0.113.5", "strings"),
        ("network", "198.51.100.128/25", "networks"), ("network", "198.51.0.0/16", ""), ("mailbox", "a@mailinator.example", "pieces"),
        ("mailbox", "abuse@corp.example", "patterns"), ("mailbox", "ann@corp.example", ""),
    ],
)  # fmt: skip
def test_a_list_covers_what_its_type_says(allow: AllowLists, kind: str, value: str, by: str) -> None:
    found = allow.covering(kind, value)
    assert (found.list_name if found else "") == by


@pytest.mark.parametrize(
    ("kind", "text", "entry"),
    [
        ("cidr", "203.0.113.7", "203.0.113.7/32"), ("cidr", "rubbish", ""), ("hostname", ".Shop.Example", "shop.example"),
        ("hostname", "com", "com"),
        ("regex", "no delimiters", ""), ("regex", r"/(?<=a)b/", ""), ("regex", "/a/i", "(?i:a)"), ("string", "A.Example", "a.example"),
    ],
)  # fmt: skip
def test_entries_are_prepared_once(kind: str, text: str, entry: str) -> None:
    assert prepared(kind, text) == entry
