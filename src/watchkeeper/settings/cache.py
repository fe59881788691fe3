"""The cache folder: where it is. Owns its place alone; what is in it can be made again at any time."""

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Give the folder for what can be made again: `WATCHKEEPER_CACHE`, otherwise under the user's cache directory."""
    given = environment.get("WATCHKEEPER_CACHE")
    return Path(given) if given else platformdirs.user_cache_path("watchkeeper")
