"""The commands about bundles as a person types them: what they say, and with which exit code."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from watchkeeper.cli import app
from watchkeeper.cli.asked import choice, log_source_files
from watchkeeper.detection.sigma import SigmaSource
from watchkeeper.model.logsource import LogSource

RULE = """title: Shell from Office \x1b[2J
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a11
logsource: {product: windows, category: process_creation}
detection: {selection: {CommandLine|contains: evil}, condition: selection}
"""
RECIPE = """name: weekly
version: 1.10
parts:
  - {kind: rules, path: rules, licence: Apache-2.0}
  - {kind: kev, path: kev.csv, licence: CC0-1.0}
  - {kind: intel, path: acme.csv, licence: CC0-1.0, source: "ACME \\e[2J", tlp: amber}
"""


def _run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["content", *words], input=typed)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHKEEPER_RULES", str(tmp_path / "installed"))
    monkeypatch.setenv("WATCHKEEPER_STATE", str(tmp_path / "state"))
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yml").write_text(RULE.replace("\x1b", ""), "utf-8")
    (tmp_path / "kev.csv").write_text("cveID\nCVE-2026-0001\n", "utf-8")
    (tmp_path / "acme.csv").write_text("192.0.2.1\n", "utf-8")
    (tmp_path / "weekly.yml").write_text(RECIPE, "utf-8")
    assert _run("keys", "new", "--out", "ours.key", "--no-password").exit_code == 0
    return tmp_path


def _build(*more: str, created: str = "2026-05-01T06:00:00Z", out: str = "one.wkc") -> Result:
    return _run("build", "weekly.yml", "--out", out, "--key", "ours.key", "--created", created, *more)


def test_from_building_to_showing(place: Path) -> None:
    built = _build()
    assert (built.exit_code, "weekly 1.10, built 2026-05-01 06:00:00 UTC" in built.output, "signed with" in built.output) == (0, True, True)
    refused = _run("install", "one.wkc")
    assert (refused.exit_code, "which is not trusted" in refused.output, (place / "installed").exists()) == (2, True, False)
    assert "from now on" in _run("trust", "ours.pub").output
    verified = _run("verify", "one.wkc")
    assert (verified.exit_code, "whole, and signed by" in verified.output) == (0, True)
    done = _run("install", "one.wkc")
    assert (done.exit_code, "rules added: 1" in done.output, "\x1b" in done.output, "TLP:AMBER" in done.output) == (0, True, False, True)
    assert "acme/acme.csv (text): 1 address\n1 new" in done.output
    assert "MATCHES address 192.0.2.1" in CliRunner().invoke(app, ["intel", "check", "192.0.2.1"]).output
    assert "nothing changed" in _run("install", "one.wkc").output
    shown = _run("show").output
    assert "kev: 1 files of weekly 1.10, built 2026-05-01 06:00 UTC; in force since" in shown
    assert shown.count("signed by") == 3
    (place / "kev.csv").write_text("cveID\nCVE-2026-0001\nCVE-2026-0002\n", "utf-8")
    built = _build("--previous", "one.wkc", created="2026-05-08T06:00:00Z", out="two.wkc")
    assert "newly known to be exploited: 1\n  CVE-2026-0002\n" in built.output
    assert "files changed: 1\n  kev/kev/kev.csv\n" in _run("verify", "two.wkc").output
    assert "newly known to be exploited: 1\n  CVE-2026-0002\n" in _run("install", "two.wkc").output
    older = _run("install", "one.wkc")
    assert (older.exit_code, "--any-age" in older.output) == (2, True)
    assert _run("install", "one.wkc", "--any-age").exit_code == 0


def test_for_programs_everything_is_said(place: Path) -> None:
    built = json.loads(_build("--format", "json").output)
    _run("trust", "ours.pub")
    verified, installed, shown = (
        json.loads(_run(*words, "--format", "json").output) for words in (("verify", "one.wkc"), ("install", "one.wkc"), ("show",))
    )
    assert built["manifest"] == verified["manifest"] == installed["manifest"]
    assert (installed["new"], installed["changes"]["exploited_added"], len(installed["changes"]["added"])) == (True, ["CVE-2026-0001"], 3)
    assert shown["installed"]["kinds"]["rules"]["signer"] == built["signer"]
    assert list(shown["trusted"]) == [built["signer"]]


def test_an_unsigned_bundle_is_called_so_at_every_step(place: Path) -> None:
    built = _run("build", "weekly.yml", "--out", "one.wkc")
    assert "NOT SIGNED" in built.output
    assert "it is not signed" in _run("verify", "one.wkc").output
    done = _run("install", "one.wkc", "--unsigned-is-fine")
    assert (done.exit_code, "WARNING: no key that you trust signed this bundle" in done.output) == (0, True)
    assert _run("show").output.count("not signed") == 3


def test_one_changed_byte_is_refused(place: Path) -> None:
    _build()
    _run("trust", "ours.pub")
    whole = Path("one.wkc").read_bytes()
    Path("one.wkc").write_bytes(whole[:-30] + b"\xff" + whole[-29:])
    for command in ("verify", "install"):
        done = _run(command, "one.wkc")
        assert (done.exit_code, "changed after it was signed" in done.output) == (2, True)
    assert not (place / "installed").exists()


def test_installed_log_sources_are_used_and_ones_own_win(place: Path) -> None:
    (place / "theirs.yml").write_text("acme: {services: {vpn: [tunnel]}}", "utf-8")
    (place / "weekly.yml").write_text("name: weekly\nparts: [{kind: logsources, path: theirs.yml, licence: CC0-1.0}]", "utf-8")
    assert log_source_files(None) == ()
    assert _build().exit_code == 0
    assert _run("install", "one.wkc", "--unsigned-is-fine").exit_code == 0
    own = place / "own.yml"
    assert [path.name for path in log_source_files(own)] == ["theirs.yml", "own.yml"]
    tunnel = LogSource(product="acme", service="tunnel")
    assert any(choice([], None, None).sources().routes(SigmaSource("acme", "", "vpn"), tunnel))
    (place / "theirs.yml").write_text("acme: {servces: {}}", "utf-8")
    built = _build(created="2026-05-08T06:00:00Z")
    assert (built.exit_code, "unknown field `servces`" in built.output) == (2, True)


def test_a_key_with_a_password_asks_for_it(place: Path) -> None:
    made = _run("keys", "new", "--out", "secret.key", typed="one\none\n")
    assert (made.exit_code, "not encrypted" in made.output) == (0, False)
    words = ("build", "weekly.yml", "--out", "one.wkc", "--key", "secret.key")
    assert _run(*words, typed="one\n").exit_code == 0
    wrong = _run(*words, typed="two\n")
    assert (wrong.exit_code, "password does not fit" in wrong.output) == (2, True)
    again = _run("keys", "new", "--out", "secret.key", "--no-password")
    assert (again.exit_code, "never overwritten" in again.output) == (2, True)


def test_trust_ends(place: Path) -> None:
    _build()
    _run("trust", "ours.pub")
    name = json.loads(_run("verify", "one.wkc", "--format", "json").output)["signer"]
    assert "trusted no longer" in _run("distrust", name).output
    assert _run("install", "one.wkc").exit_code == 2
    assert _run("verify", "one.wkc", "--key", "ours.pub").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("build", "weekly.yml", "--out", "x", "--created", "soon"), "is no time"),
        (("build", "weekly.yml", "--out", "x", "--created", "2026-05-01"), "no time zone"),
        (("build", "kev.csv", "--out", "x"), "no recipe"),
        (("verify", "kev.csv"), "it is no bundle"),
        (("verify", "none.wkc"), "none.wkc"),
        (("trust", "kev.csv"), "no public key"),
        (("distrust", "x"), "no key with the id"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(place: Path, words: tuple[str, ...], said: str) -> None:
    done = _run(*words)
    assert (done.exit_code, done.output.count("\n"), said in done.output) == (2, 1, True), done.output


@pytest.mark.slow
def test_what_the_page_says_of_minisign_is_so(place: Path) -> None:
    program = shutil.which("minisign")
    if program is None:
        pytest.skip("minisign is not installed; `apt-get install minisign` installs it")
    _build()
    subprocess.run("head -n 4 one.wkc > one.zip.minisig; tail -n +5 one.wkc > one.zip", shell=True, check=True)  # noqa: S602 -- as the page says
    subprocess.run([program, "-Vm", "one.zip", "-p", "ours.pub"], check=True, capture_output=True)
    Path("one.zip.minisig").unlink()
    _run("build", "weekly.yml", "--out", "two.zip")
    subprocess.run([program, "-G", "-W", "-p", "their.pub", "-s", "their.key"], check=True, capture_output=True)
    subprocess.run([program, "-S", "-W", "-s", "their.key", "-m", "two.zip"], check=True, capture_output=True)
    subprocess.run("cat two.zip.minisig two.zip > two.wkc", shell=True, check=True)  # noqa: S602 -- as the page says
    _run("trust", "their.pub")
    assert _run("install", "two.wkc").exit_code == 0
