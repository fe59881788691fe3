"""A real file goes out of reach and comes back as it was; links, other files and changed ones are left where they are."""

import hashlib
import os
from pathlib import Path

import pytest
from tests.response.connectors.linux.conftest import Host, job, undone, unreached

from watchkeeper.model.means import Job


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    path = tmp_path / "drop" / "-stage $(id) .sh"
    path.parent.mkdir()
    path.write_bytes(b"evil")
    path.chmod(0o755)
    return path


def _job(path: Path, **otherwise: str) -> Job:
    return job("quarantine_file", "file", f"web1:{path}", **otherwise)


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


@pytest.mark.slow
def test_a_file_goes_out_of_reach_and_comes_back_as_it_was(host: Host, stage: Path, tmp_path: Path) -> None:
    means, what, before = host.means("quarantine_file"), _job(stage, sha256=_digest(b"evil")), stage.stat()
    assert means.check(what).outcome == "not-in-force"
    means.do(what)
    kept = tmp_path / "quarantine" / f"{_digest(b'evil')}.{what.key}"
    assert (stage.exists(), kept.read_bytes(), kept.parent.stat().st_mode & 0o777) == (False, b"evil", 0o700)
    assert means.check(what).outcome == "in-force"
    assert means.do(what).said.endswith("as before")
    assert undone(means, what).endswith(f"is back, unchanged (sha256 {_digest(b'evil')})")
    after = stage.stat()
    assert (after.st_mode, after.st_uid, after.st_mtime_ns) == (before.st_mode, before.st_uid, before.st_mtime_ns)
    assert means.check(what).outcome == "not-in-force"
    assert undone(means, what).endswith("was not in quarantine")


@pytest.mark.slow
def test_what_was_cut_off_half_way_is_finished(host: Host, stage: Path, tmp_path: Path) -> None:
    means, what = host.means("quarantine_file"), _job(stage)
    (tmp_path / "quarantine").mkdir(mode=0o700)
    stage.rename(tmp_path / "quarantine" / f"incoming.{what.key}")
    assert means.check(what).outcome == "not-in-force"
    means.do(what)
    assert means.check(what).outcome == "in-force"


@pytest.mark.slow
def test_a_file_is_moved_only_if_it_is_the_one_that_was_meant(host: Host, stage: Path, tmp_path: Path) -> None:
    means = host.means("quarantine_file")
    with pytest.raises(ValueError, match="its sha256 is not that of the evidence; it was left there"):
        means.do(_job(stage, sha256=_digest(b"good")))
    (tmp_path / "link").symlink_to(stage)
    (tmp_path / "way").symlink_to(stage.parent)
    for path, said in (
        (tmp_path / "link", "no such file"),
        (tmp_path / "way" / stage.name, "a link on the way"),
        (stage.parent, "no such file"),
    ):
        with pytest.raises(ValueError, match=said):
            means.do(_job(path))
    assert stage.read_bytes() == b"evil"
    (tmp_path / "quarantine").chmod(0o755)
    with pytest.raises(ValueError, match="is not a folder of ours alone"):
        means.do(_job(stage))
    assert stage.exists()


@pytest.mark.slow
def test_a_file_does_not_come_back_changed_or_over_another(host: Host, stage: Path, tmp_path: Path) -> None:
    means, what = host.means("quarantine_file"), _job(stage)
    means.do(what)
    stage.write_bytes(b"new")
    assert means.check(what).outcome == "not-in-force"
    with pytest.raises(ValueError, match="there is another file of that name by now"):
        undone(means, what)
    assert stage.read_bytes() == b"new"
    stage.unlink()
    kept = tmp_path / "quarantine" / f"{_digest(b'evil')}.{what.key}"
    kept.write_bytes(b"worse")
    with pytest.raises(ValueError, match="it was changed since"):
        undone(means, what)
    assert not stage.exists()


@pytest.mark.slow
def test_what_starts_by_itself_is_taken_away_and_brought_back(host: Host) -> None:
    means = host.means("remove_autostart")
    path = Path(f"/etc/cron.d/watchkeeper-test-{os.getpid()}")
    if not path.parent.is_dir():
        pytest.skip("no cron folder here")
    what = job("remove_autostart", "task", f"web1:{path}")
    path.write_text("# a comment starts nothing\n")
    try:
        means.do(what)
        assert (path.exists(), means.check(what).outcome) == (False, "in-force")
        undone(means, what)
        assert path.read_text() == "# a comment starts nothing\n"
    finally:
        path.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("action", "value", "said"),
    [
        ("quarantine_file", "web1:stage", "no whole path"), ("quarantine_file", "web1:/tmp/../etc/passwd", "no whole path"),
        ("quarantine_file", "web1:/", "no whole path"), ("quarantine_file", "web1://x", "no whole path"),
        ("quarantine_file", "web1:/tmp/a\nb", "does not show"), ("remove_autostart", "web1:cron.service", "give the file"),
        ("remove_autostart", "web1:/etc/passwd", "in no folder that starts something"),
    ],
)  # fmt: skip
def test_a_path_that_is_none_goes_nowhere(action: str, value: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        unreached().means(action, str).do(job(action, "file", value))


def test_a_hash_of_the_evidence_has_the_form_of_one() -> None:
    with pytest.raises(ValueError, match="has not the form of one"):
        unreached().means("quarantine_file", str).do(_job(Path("/srv/x"), sha256="abc"))
