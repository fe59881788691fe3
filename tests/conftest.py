"""What every test may ask for: the public data sets, and whether golden files are to be written anew."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_REPOSITORY = Path(__file__).resolve().parent.parent

settings.register_profile("fast", max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", max_examples=500, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; read the diff before you commit it")


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
