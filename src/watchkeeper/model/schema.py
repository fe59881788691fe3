"""The JSON schema of a case, generated from the nouns. Owns nothing but the printing: `make docs` writes it to docs/schema.json."""

import json
import sys

from watchkeeper.model.incident import Case


def schema() -> str:
    """Give the JSON schema of `incidents.json`, with every noun and every field's sentence in it."""
    return json.dumps(Case.model_json_schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())
