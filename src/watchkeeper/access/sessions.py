"""Sessions of people in browsers: how long they last, and the token that a form has to send besides. Owns no storage."""

import hashlib
from datetime import datetime, timedelta

from watchkeeper.model.user import Visit

IDLE = timedelta(hours=1)
"""A session ends when nothing was done for so long."""
LONGEST = timedelta(hours=12)
"""A session ends so long after signing in, whatever is done: a shift."""


def holds(visit: Visit, now: datetime) -> bool:
    """Say whether a session lets its person in at a time."""
    return now - visit.seen < IDLE and now - visit.began < LONGEST


def form_token(secret: str) -> str:
    """Give what a request that changes something has to send in a header: it follows from the session's secret, hidden from scripts."""
    return hashlib.sha256(f"form {secret}".encode("utf-8", "surrogatepass")).hexdigest()
