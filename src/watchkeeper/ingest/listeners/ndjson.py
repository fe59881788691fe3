"""The door for whoever has lines: `POST /ingest`, one record or line of text a line. Owns its answers.

The header `Idempotency-Key` (or `X-Idempotency-Key`) names a batch: the same batch sent again under it counts once.
"""

from typing import Final

import msgspec

from watchkeeper.ingest.listeners.exchange import Answer, Exchange, Request, TurnedAwayError, Why
from watchkeeper.ingest.listeners.one_line import lines_of
from watchkeeper.model.received import Listener

LISTENER: Final[Listener] = "ndjson"
MAX_KEY_CHARS = 256
STATUS: dict[Why, int] = {
    "no_token": 401,
    "wrong_token": 401,
    "busy": 429,
    "too_large": 413,
    "slow": 408,
    "malformed": 400,
    "unknown_path": 404,
    "wrong_method": 405,
}


def turned_away(error: TurnedAwayError, _request: Request) -> Answer:
    """Say a refusal."""
    status = STATUS[error.why]
    headers = {"Retry-After": str(error.retry_after_seconds)} if error.retry_after_seconds else {}
    if status == 401:
        headers = {"WWW-Authenticate": 'Bearer realm="watchkeeper"'}
    return Answer(status, msgspec.json.encode({"error": str(error)}), headers=headers)


async def answer(exchange: Exchange) -> Answer:
    """Keep the lines of one body."""
    request = exchange.request
    if request.segments[1:] not in {(), ("ndjson",)}:
        raise TurnedAwayError("unknown_path", "use /ingest or /ingest/ndjson")
    if request.method != "POST":
        raise TurnedAwayError("wrong_method", f"{request.method} is not for /ingest; use POST")
    key = request.headers.get("idempotency-key") or request.headers.get("x-idempotency-key", "")
    if len(key) > MAX_KEY_CHARS:
        raise TurnedAwayError("malformed", f"the idempotency key is longer than {MAX_KEY_CHARS} characters")
    body = await exchange.body()
    exchange.check_count(body.count(b"\n"))
    records = await exchange.apart(len(body), lambda: exchange.gathered(lines_of(body)))
    if key:
        records = records._replace(ids=tuple(f"{key}:{number}" for number in range(records.number)))
    await exchange.keep(records)
    return Answer(200, msgspec.json.encode({"records": records.number}))
