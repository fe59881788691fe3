"""What one content has that another has not, also of what is installed here."""

from datetime import UTC, datetime
from pathlib import Path

from watchkeeper.autopilot.content_changes import Side, changes, installed_side
from watchkeeper.autopilot.content_folder import Origin, in_force, incoming, put_in_force
from watchkeeper.autopilot.ruleset_update import NO_DIFFERENCE
from watchkeeper.bundle.writing import described


def _kev(folder: Path, *cves: str) -> Side:
    path = folder / "kev" / "kev" / "kev.csv"
    path.parent.mkdir(parents=True)
    path.write_text("cveID\n" + "\n".join(cves) + "\n", "utf-8")
    return Side([described("kev/kev/kev.csv", path)], folder)


def test_what_is_newly_exploited_is_told(tmp_path: Path) -> None:
    found = changes(_kev(tmp_path / "old", "CVE-2026-0001"), _kev(tmp_path / "new", "CVE-2026-0001", "CVE-2026-0003"), NO_DIFFERENCE)
    assert (found.changed, found.exploited_added) == (("kev/kev/kev.csv",), ("CVE-2026-0003",))


def test_what_is_installed_is_one_side(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    nothing = installed_side(folder, in_force(folder), frozenset({"kev"}))
    assert nothing.members == ()
    filled = incoming(folder) / "filled"
    new = _kev(filled, "CVE-2026-0001")
    assert changes(nothing, new, NO_DIFFERENCE).added == ("kev/kev/kev.csv",)
    now = put_in_force(folder, filled, {"kev": Origin("a.zip", "a" * 64, datetime(2026, 5, 1, tzinfo=UTC))})
    side = installed_side(folder, now, frozenset({"kev", "rules"}))
    assert list(side.members) == list(new.members)
    assert changes(side, _kev(tmp_path / "same", "CVE-2026-0001"), NO_DIFFERENCE) == changes(nothing, nothing, NO_DIFFERENCE)
