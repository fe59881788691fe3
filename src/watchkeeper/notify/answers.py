"""Answers of products that say with status 200 that they refused. Owns reading them."""

import json
from typing import cast

from watchkeeper.notify.posting import Refusal


def told_code(code: str, words: str) -> Refusal:
    """Read an answer in JSON whose number `code` is 0 if all is well, and whose `words` say what is not."""

    def refusal(body: bytes) -> str:
        try:
            found: object = json.loads(body)
        except ValueError:
            return "it answered with success, but not in its own format; is this the right address?"
        answer = cast("dict[str, object]", found) if isinstance(found, dict) else {}
        if not isinstance(answer.get(code), int):
            return f"its answer has no {code!r}; is this the right address?"
        return "" if answer[code] == 0 else f"it refused with {code} {answer[code]}: {str(answer.get(words, ''))[:200]!r}"

    return refusal
