"""Ids made together are the ids made one by one."""

from hashlib import blake2b

from watchkeeper.model.ids import begun, ids


def test_ids_are_hashes_in_hex_in_the_order_given() -> None:
    found = ids([begun(b"a"), begun(b"b"), begun(b"a")], [b"1", b"", b"2"])
    assert found.to_pylist() == [blake2b(text, digest_size=16).hexdigest() for text in (b"a1", b"b", b"a2")]
    found.validate(full=True)


def test_no_ids_are_none() -> None:
    assert ids([], []).to_pylist() == []
