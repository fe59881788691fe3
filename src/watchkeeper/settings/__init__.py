"""Settings: read once from the environment and the command line, then handed down. Owns their names and defaults."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from watchkeeper.model.language import LANGUAGES, Language


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person can set for every command."""

    state: Path
    """Folder of the state database; `WATCHKEEPER_STATE` or `--state`, otherwise under the user's data directory."""
    language: Language
    """Language of reports; `WATCHKEEPER_LANG` or `--lang`, otherwise English."""
    rules: Path
    """Folder of installed rules; `WATCHKEEPER_RULES` or `--into`, otherwise under the user's data directory."""


def read_settings(
    state: Path | None = None, language: str | None = None, environment: Mapping[str, str] = os.environ, rules: Path | None = None
) -> Settings:
    """Settle each setting: the command line wins over the environment, that over the default.

    Raises:
        ValueError: a language that there are no texts for.
    """
    chosen = language or environment.get("WATCHKEEPER_LANG") or "en"
    if chosen not in LANGUAGES:
        raise ValueError(f"language {chosen!r} has no texts; choose {' or '.join(LANGUAGES)}")
    data = platformdirs.user_data_path("watchkeeper")
    return Settings(
        state=state or _folder(environment, "WATCHKEEPER_STATE") or data,
        language=chosen,
        rules=rules or _folder(environment, "WATCHKEEPER_RULES") or data / "rules",
    )


def _folder(environment: Mapping[str, str], name: str) -> Path | None:
    return Path(environment[name]) if environment.get(name) else None
