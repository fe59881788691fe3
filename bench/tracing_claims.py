"""Claims: every sentence of every story checked again from the events that the case keeps."""

from collections import Counter
from contextlib import closing

from tracing_case import Case

from watchkeeper.evidence import refusal
from watchkeeper.lake import Kept
from watchkeeper.model.claim import Claim
from watchkeeper.model.query import Query


def checked(case: Case) -> tuple[int, Counter[str]]:
    """Give how many sentences there are, and why those that fail do."""
    told = [one["trace"]["story"] for one in case.incidents if one["trace"]]
    claims = [Claim.model_validate(claim) for story in told for claim in story]
    ids = tuple({item.event_id for claim in claims for item in claim.evidence})
    with closing(Kept(case.folder / "events")) as kept:
        events = {event.id: event for event in kept.search(Query(ids=ids, limit=len(ids)))} if ids else {}
    refused = (refusal(claim, events) for claim in claims)
    return len(claims), Counter(note.code for note in refused if note)
