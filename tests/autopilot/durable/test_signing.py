"""What flows keep is signed, and nothing else is read."""

import base64
import pickle  # noqa: TID251 -- what an attacker would write
from pathlib import Path

import pytest
from dbos import DBOSPortableJSONSerializer
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.autopilot.durable.signing import KEY, FlowError, Signed, signed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_what_is_written_is_read(value: object) -> None:
    form = Signed(b"k" * 32)
    assert form.deserialize(form.serialize(value)) == value


@given(st.data())
def test_what_is_changed_anywhere_is_refused(data: st.DataObject) -> None:
    form = Signed(b"k" * 32)
    text = form.serialize({"args": ["acme", "i1"], "kwargs": {}})
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda one: one != text[place]))
    for changed in (text[:place] + other + text[place + 1 :], text[:place], text + other):
        with pytest.raises(ValueError, match="not used"):
            form.deserialize(changed)


def test_another_key_is_another_writer() -> None:
    with pytest.raises(ValueError, match="not written with this server's key"):
        Signed(b"a" * 32).deserialize(Signed(b"b" * 32).serialize(1))


def test_an_error_is_kept_as_what_it_said() -> None:
    form = Signed(b"k" * 32)
    error = form.deserialize(form.serialize(TimeoutError("place 'edge' did not answer")))
    assert isinstance(error, FlowError)
    assert str(error) == "TimeoutError: place 'edge' did not answer"


def test_what_json_has_not_is_no_state() -> None:
    with pytest.raises(TypeError):
        Signed(b"k" * 32).serialize(Path())


def test_pickles_and_unsigned_rows_are_never_read(tmp_path: Path) -> None:
    import dbos._serialization as theirs  # noqa: PLC0415 -- how DBOS itself reads a row, whatever form the row names

    mine = signed(tmp_path)
    assert (tmp_path / KEY).stat().st_mode & 0o077 == 0
    harm = base64.b64encode(pickle.dumps(tmp_path / "run")).decode()
    for form in ("py_pickle", "portable_json"):
        with pytest.raises(ValueError, match="never read here"):
            theirs.deserialize_value(harm, form, mine)
    with pytest.raises(TypeError):
        theirs.deserialize_value(harm, "another", mine)
    with pytest.raises(ValueError, match="never read here"):
        DBOSPortableJSONSerializer().deserialize("1")
    assert theirs.deserialize_value(mine.serialize([1]), None, mine) == [1]
