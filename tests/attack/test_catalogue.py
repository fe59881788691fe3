"""A catalogue keeps what it says, and is found by any name."""

from collections.abc import Callable

import pytest

from watchkeeper.attack.catalogue import from_bytes, to_bytes
from watchkeeper.attack.stix import read_bundle


def test_a_catalogue_comes_back_as_it_was(bundle: Callable[..., bytes]) -> None:
    found = read_bundle(bundle()).catalogue
    assert from_bytes(to_bytes(found)) == found
    assert to_bytes(from_bytes(to_bytes(found))) == to_bytes(found)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"version": 1}', b"[" * 100_000])
def test_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no catalogue of ATT&CK"):
        from_bytes(content)


@pytest.mark.parametrize(
    ("name", "key"),
    [("larks", "G9001"), (" MORNING birds", "G9001"), ("g9002", "G9002"), ("pipe", "S9001"), ("Dawn", "C9001"), ("", None), ("crow", None)],
)
def test_what_has_a_name_is_found_by_it(bundle: Callable[..., bytes], name: str, key: str | None) -> None:
    found = read_bundle(bundle()).catalogue.named(name)
    assert (found.id if found else None) == key
