"""The first object of a file."""

import pytest

from watchkeeper.ingest.json_head import first_object


@pytest.mark.parametrize(
    ("head", "names"),
    [
        (b'{"a":1}\n{"b":2}\n', {"a"}),
        (b'[\n  {\n    "a": 1\n  },\n', {"a"}),
        (b'\xef\xbb\xbf{"a":1}', {"a"}),
        (b'{"Records":[{"a":1},{"b":', {"a"}),
        (b'{"a":1,"b":{"c":"' + b"x" * 100, {"a", "b", "c"}),
        (b"plain text", set[str]()),
        (b"", set[str]()),
        (b"[1,2,3]", set[str]()),
        (b"{" * 60_000, set[str]()),
    ],
)
def test_members_of_the_first_object(head: bytes, names: set[str]) -> None:
    assert set(first_object(head, within=("Records",))) == names
