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


def read_settings(state: Path | None = None, language: str | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Settle each setting: the command line wins over the environment, that over the default.

    Raises:
        ValueError: a language that there are no texts for.
    """
    chosen = language or environment.get("WATCHKEEPER_LANG") or "en"
    if chosen not in LANGUAGES:
        raise ValueError(f"language {chosen!r} has no texts; choose {' or '.join(LANGUAGES)}")
    folder = state or (
        Path(environment["WATCHKEEPER_STATE"]) if environment.get("WATCHKEEPER_STATE") else platformdirs.user_data_path("watchkeeper")
    )
    return Settings(state=folder, language=chosen)
