"""What programs gave is found again by the bytes of the value."""

import numpy as np

from watchkeeper.ingest.hot import kernels_events as kernels
from watchkeeper.ingest.hot.values import Values, hash_of
from watchkeeper.jsonlines import kernels_hash as hashes

NUMBER = kernels.FIRST_LEARNT


def _found(values: Values, raw: bytes) -> list[str] | None:
    h0, h1 = hash_of(raw, kernels.VALUE_SALT + np.uint64(NUMBER), values.secret)
    one = int(values.ids[hashes.put(values.keys, h0, h1)])
    if one < 0:
        return None
    spans = values.elements[values.elements_at[one] : values.elements_at[one + 1]].tolist()
    return [values.spelt[begin : begin + size].tobytes().decode() for begin, size in spans]


def test_a_value_is_asked_with_its_escapes_taken_off() -> None:
    values = Values(1 << 6)
    values.program(NUMBER, lambda text: text.split(","))
    for raw, wanted in ((b"a,\\u00e9", ["a", "é"]), (b"x\\\\y", ["x\\y"]), (b"1\x02", ["1\x02"])):
        values.learn(NUMBER, raw)
        assert _found(values, raw) == wanted


def test_what_cannot_be_kept_is_left_to_the_readers() -> None:
    values = Values(1 << 6)
    values.program(NUMBER, lambda text: text.split(","))
    for raw in (b"\\ud800", b"," * 99, b"\\x", b"\xff\\"):
        values.learn(NUMBER, raw)
        assert _found(values, raw) is None


def test_it_grows_and_then_is_full() -> None:
    values = Values(1 << 13)
    values.program(NUMBER, lambda text: [text] * 3)
    for number in range(4_096):
        values.learn(NUMBER, b"%d" % number * 9)
    assert values.is_full
    assert _found(values, b"77" * 9) == ["77" * 9] * 3
