"""What was learnt: baselines, subjects with their verdicts, and what rules asked for. Owns which of it belongs to the same organisation."""

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import and_, delete, select

from watchkeeper.model.feedback import Feedback
from watchkeeper.model.subject import Precedent, Subject
from watchkeeper.store.rows import Rows
from watchkeeper.store.tables import BaselineRow, FeedbackRow, MeaningRow, SecretRow, SubjectRow

_SHARED_HOSTS = 0.5
_MOST_ASKED = 500
"""Ids that one query asks for."""
_JUDGED = and_(FeedbackRow.tenant == SubjectRow.tenant, FeedbackRow.incident_id == SubjectRow.id)


class Learnt(Rows):
    """Learnt baselines and subjects."""

    def keep_meanings(self, digests: Mapping[str, str]) -> None:
        """Keep what rules ask for, as a digest by the rule's id."""
        with self._writing() as session:
            for rule, digest in digests.items():
                session.merge(MeaningRow(tenant=self.tenant, rule=rule, digest=digest))

    def meanings(self, rules: Iterable[str]) -> dict[str, str]:
        """Give the digests of rules by their ids, as far as they are known."""
        wanted = sorted(set(rules))
        found: dict[str, str] = {}
        with self._reading() as session:
            for start in range(0, len(wanted), _MOST_ASKED):
                asked = select(MeaningRow).where(MeaningRow.rule.in_(wanted[start : start + _MOST_ASKED]))
                found.update((row.rule, row.digest) for row in session.scalars(asked))
        return found

    def save_baseline(self, case_id: str, span: tuple[datetime, datetime], hosts: Iterable[str], body: bytes) -> None:
        """Keep what was learnt from one case; the same case learnt again replaces it, so that nothing counts twice."""
        named = json.dumps(sorted(hosts))
        row = BaselineRow(tenant=self.tenant, case_id=case_id, start=span[0], end=span[1], hosts=named, body=body)
        with self._writing() as session:
            session.merge(row)

    def seen(self, case_id: str) -> tuple[tuple[datetime, datetime] | None, tuple[str, ...]]:
        """Give the times of a case's first and last event, UTC, and its hosts; nothing if nothing was learnt from it."""
        with self._reading() as session:
            row = session.scalar(select(BaselineRow).where(BaselineRow.case_id == case_id))
        return (None, ()) if row is None else ((row.start, row.end), tuple(json.loads(row.hosts)))

    def baselines(self, before: datetime, hosts: Iterable[str]) -> tuple[bytes, ...]:
        """Give what was learnt from earlier cases of the same organisation, oldest first.

        Earlier: the case ended before this one starts, so that evidence never explains itself away. Same organisation: half of the hosts
        of the smaller case are in both.
        """
        wanted = set(hosts)
        earlier = select(BaselineRow).where(BaselineRow.end < before).order_by(BaselineRow.end)
        with self._reading() as session:
            return tuple(row.body for row in session.scalars(earlier) if _same_organisation(wanted, set(json.loads(row.hosts))))

    def save_subjects(self, case_id: str, subjects: Iterable[Subject]) -> None:
        """Keep how a case's sessions and incidents were seen; those that a person judged stay as they were when that was said."""
        judged = select(SubjectRow.id).join(FeedbackRow, _JUDGED).where(SubjectRow.tenant == self.tenant)
        with self._writing() as session:
            kept = set(session.scalars(judged))
            session.execute(delete(SubjectRow).where(SubjectRow.case_id == case_id, SubjectRow.id.not_in(judged)))
            for subject in subjects:
                if subject.id not in kept:
                    session.merge(SubjectRow(tenant=self.tenant, id=subject.id, case_id=case_id, body=subject.model_dump_json()))

    def precedents(self, hosts: Iterable[str]) -> tuple[Precedent, ...]:
        """Give every word that people said about sessions and incidents of the same organisation, in the order they said it."""
        wanted = set(hosts)
        cases = select(BaselineRow.case_id, BaselineRow.hosts)
        said = select(SubjectRow.case_id, SubjectRow.body, FeedbackRow.body).join(FeedbackRow, _JUDGED).order_by(FeedbackRow.number)
        with self._reading() as session:
            ours = {case_id for case_id, body in session.execute(cases) if _same_organisation(wanted, set(json.loads(body)))}
            rows = [(subject, words) for case_id, subject, words in session.execute(said) if case_id in ours]
        return tuple(_precedent(Subject.model_validate_json(subject), Feedback.model_validate_json(words)) for subject, words in rows)

    def drawing_key(self) -> bytes:
        """Give the secret by which it is drawn what a person sees although it was closed; it is made when it is first asked for."""
        with self._writing() as session:
            row = session.scalar(select(SecretRow).where(SecretRow.name == "drawing"))
            row = row or SecretRow(tenant=self.tenant, name="drawing", body=secrets.token_bytes(32))
            session.add(row)
            return row.body


def _same_organisation(ours: set[str], theirs: set[str]) -> bool:
    smaller = min(len(ours), len(theirs))
    return smaller > 0 and len(ours & theirs) >= _SHARED_HOSTS * smaller


def _precedent(subject: Subject, said: Feedback) -> Precedent:
    return Precedent(subject=subject, verdict=said.verdict, said=said.time)
