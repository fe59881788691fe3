"""The description of the API, as OpenAPI 3.1. Owns nothing but the printing: `make docs` writes it to docs/openapi.json."""

import json
import sys
from typing import cast

from watchkeeper.api.app import build
from watchkeeper.api.platform import Bounds, Platform


def description() -> str:
    """Give the description of every route, as JSON; nothing of a platform is needed for it."""
    return json.dumps(build(cast("Platform", _Nothing())).openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


class _Nothing:
    """In the place of a platform, which nobody asks anything."""

    @staticmethod
    def stopping() -> bool:
        return True

    secure = True
    bounds = Bounds()


if __name__ == "__main__":
    sys.stdout.write(description())
