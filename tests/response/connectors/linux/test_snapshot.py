"""A host's word on itself is kept with its hashes, and what is changed afterwards is found out."""

import subprocess
import tarfile
from pathlib import Path

import pytest
from tests.response.connectors.linux.conftest import Host, job

from watchkeeper.response.connectors.linux.snapshot import ASKED


@pytest.mark.slow
def test_a_snapshot_shows_what_runs_and_talks_and_its_hashes_hold(host: Host, tmp_path: Path) -> None:
    means, what = host.means("snapshot_evidence"), job("snapshot_evidence", "host", "web1")
    assert (means.undo, means.check(what).outcome) == (None, "not-in-force")
    process = subprocess.Popen(["sleep", "299"])
    try:
        done = means.do(what)
    finally:
        process.kill()
        process.wait()
    path = tmp_path / "evidence" / f"web1-{what.key}.tar"
    assert (done.reference.split()[0], path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (path.name, 0o600, 0o700)
    with tarfile.open(path) as tar:
        content = {name: file.read().decode() for name in tar.getnames() if (file := tar.extractfile(name))}
    assert content.keys() == {f"{name}.txt" for name in ASKED} | {"manifest.json"}
    assert "sleep 299" in content["processes.txt"]
    assert "198.51.100.1:22" in content["connections.txt"]
    assert "root:" in content["accounts.txt"]
    with_reference = what.model_copy(update={"reference": done.reference})
    assert means.check(with_reference).outcome == "in-force"
    assert means.do(what).said.endswith("as before")
    assert means.check(with_reference).outcome == "in-force"
    changed = path.read_bytes().replace(b"sleep 299", b"sleep 298")
    path.write_bytes(changed)
    assert means.check(with_reference).said.endswith("'processes.txt' is not as it was written")
