"""The command line wins over the environment, that over the default."""

from pathlib import Path

import pytest

from watchkeeper.settings import read_settings


def test_order_of_precedence(tmp_path: Path) -> None:
    environment = {"WATCHKEEPER_STATE": str(tmp_path), "WATCHKEEPER_LANG": "zh"}
    assert read_settings(environment=environment).state == tmp_path
    assert read_settings(environment=environment).language == "zh"
    assert read_settings(Path("x"), "en", environment).state == Path("x")
    assert read_settings(Path("x"), "en", environment).language == "en"
    assert read_settings(environment={}).state.name == "watchkeeper"


def test_the_state_database_is_in_the_state_folder_unless_a_url_is_set(tmp_path: Path) -> None:
    environment = {"WATCHKEEPER_STATE": str(tmp_path)}
    assert read_settings(environment=environment).store == tmp_path
    url = "postgresql://somewhere/else"
    assert read_settings(Path("x"), environment={**environment, "WATCHKEEPER_DATABASE": url}).store == url


def test_a_language_without_texts_is_refused() -> None:
    with pytest.raises(ValueError, match="choose en or zh"):
        read_settings(language="fr", environment={})


def test_where_installed_rules_are(tmp_path: Path) -> None:
    assert read_settings(environment={"WATCHKEEPER_RULES": str(tmp_path)}).rules == tmp_path
    assert read_settings(rules=Path("x"), environment={"WATCHKEEPER_RULES": str(tmp_path)}).rules == Path("x")
    assert read_settings(environment={}).rules.name == "rules"
