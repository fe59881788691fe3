"""Experience: what the analysts' own history teaches. Owns putting together the record, the calibrated model and what may be closed.

It is made anew from people's words at every run, in seconds, and never kept: what is kept are the words and what they were about.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from watchkeeper.model.note import Note
from watchkeeper.model.subject import Precedent, Subject
from watchkeeper.model.verdict import ATTACK
from watchkeeper.triage.calibration import LABEL_FREE, calibrate, samples
from watchkeeper.triage.closing import Closing, prove
from watchkeeper.triage.fitting import Model
from watchkeeper.triage.history import History, Past, labelled, vector

MOST_LABELS = 50_000
"""The newest labels that are learnt from."""


@dataclass(frozen=True, slots=True)
class Experience:
    """What is known from people's words; without any it changes nothing."""

    labels: int
    """Subjects that a person called an attack or harmless."""
    attacks: int
    """Those called an attack."""
    model: Model
    history: History
    judged: frozenset[str]
    """Ids of the subjects that a person judged."""
    closing: Closing | Note
    """What may be closed, or why nothing may."""

    def past(self, subject: Subject) -> Past:
        """Give what people had said before it began."""
        return self.history.past(subject)

    def log_odds(self, subject: Subject) -> float:
        """Give the log-odds of an attack, in nats: the label-free ones as far as there are no labels."""
        if not self.labels:
            return subject.prior
        traits = np.array([vector(subject, self.past(subject))])
        return float(self.model.log_odds(np.array([subject.prior]), traits)[0])

    def kept_open(self, subject: Subject) -> str | None:
        """Say why a subject is not closed without a person; none if it is."""
        if isinstance(self.closing, Note):
            return "unproven"
        return "judged" if subject.id in self.judged else self.closing.kept_open(subject, self.past(subject))


def learn(precedents: Iterable[Precedent]) -> Experience:
    """Learn from what people said, in whatever order they said it."""
    known = labelled(precedents)[-MOST_LABELS:]
    history = History(known)
    pasts = [history.past(one.subject) for one in known]
    return Experience(
        labels=len(known),
        attacks=sum(one.verdict in ATTACK for one in known),
        model=calibrate(samples(known, pasts)) if known else LABEL_FREE,
        history=history,
        judged=frozenset(one.subject.id for one in known),
        closing=prove(known, pasts),
    )


NO_EXPERIENCE = learn(())
"""What is known where nobody has said anything."""
