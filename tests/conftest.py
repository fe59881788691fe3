"""What every test may ask for: the public data sets, and whether golden files are to be written anew; whether a skip is a failure."""

import os
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
_REPOSITORY = Path(__file__).resolve().parent.parent

settings.register_profile("fast", max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", max_examples=500, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; read the diff before you commit it")


def pytest_configure(config: pytest.Config) -> None:
    """Keep translated rules apart from the user's, and from one run to the next, where pytest may keep things; nothing is installed."""
    cache = getattr(config, "cache", None)
    if cache is None:
        folder = tempfile.TemporaryDirectory()
        config.add_cleanup(folder.cleanup)
    os.environ["WATCHKEEPER_CACHE"] = folder.name if cache is None else str(cache.mkdir("watchkeeper"))
    os.environ["WATCHKEEPER_RULES"] = os.devnull + "/nothing"
    os.environ["WATCHKEEPER_STATE"] = os.devnull + "/nothing"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _unless_skipped((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _unless_skipped((yield))


def _unless_skipped(report: Report) -> Report:
    """Turn a skip into a failure where `WATCHKEEPER_NOTHING_SKIPPED=1` says that everything a test needs is there."""
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("WATCHKEEPER_NOTHING_SKIPPED") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        report.outcome = "failed"
        report.longrepr = f"{reason}\nA skip is a failure here, because WATCHKEEPER_NOTHING_SKIPPED is 1."
    return report


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def data() -> Path:
    """The public data sets, see README; they are not part of the repository."""
    path = Path(os.environ.get("WATCHKEEPER_DATA", _REPOSITORY.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"no public data sets at {path}; set WATCHKEEPER_DATA to where they are")
    return path
