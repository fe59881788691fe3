"""Secrets are looked up where they are, and shown nowhere."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from watchkeeper.settings.references import Reference, hidden, masked, reveal


def test_a_secret_is_in_the_environment_or_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WK_TEST_SECRET", "one")
    (tmp_path / "secret").write_text("two\n")
    assert (reveal("env:WK_TEST_SECRET"), reveal(f"file:{tmp_path}/secret")) == ("one", "two")


@pytest.mark.parametrize("place", ["env:WK_TEST_NOTHING", "file:{}/nothing", "file:{}/empty", "file:{}/binary", "file:{}"])
def test_one_that_is_not_there_is_named_by_its_place(place: str, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match=r"env:|file:"):
        reveal(place.format(tmp_path))


@pytest.mark.parametrize("said", ["hunter2", "https://hooks.example/T0/B0", "env:", "env:A B", "file:relative", ""])
def test_a_secret_itself_is_no_reference(said: str) -> None:
    with pytest.raises(ValueError, match="never the secret itself"):
        TypeAdapter(Reference).validate_python(said)


def test_what_is_said_hides_them() -> None:
    assert masked("https://user:pw@hooks.example:8443/T0/B0?key=k") == "https://hooks.example:8443/…"
    assert hidden("cannot reach https://a/k with pw", "https://a/k", "pw", "") == "cannot reach … with …"
