"""Questions in SQL by several people at once: how many may run, and stopping them by name. Owns the count; answering is the lake's."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from watchkeeper.lake import Answer, Asked, Limits, Questions

MOST_AT_ONCE, MOST_OF_ONE = 6, 2
"""Questions that run at once, of everybody and of one."""


class BusyError(Exception):
    """Too many questions run already; it is worth asking again in a while."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and whose it is."""

    sql: str
    tenant: str
    by: str
    id: str
    """A name by which it can be stopped; empty for none."""
    limits: Limits
    span: tuple[datetime | None, datetime | None] = (None, None)


@dataclass(frozen=True, slots=True)
class SqlDesk:
    """Everybody who asks at this process."""

    questions: Questions
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _taken: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    _running: dict[tuple[str, str, str], Asked] = field(default_factory=dict[tuple[str, str, str], Asked])

    def ask(self, question: Question) -> Answer:
        """Answer a question.

        Raises:
            BusyError: too many run already.
            ValueError: it is none that may be asked, needs too much, or was stopped; the message says which.
        """
        with self._counted(question) as key:
            asked = self.questions.ask(question.sql, (question.tenant,), question.limits, question.span)
            self._running[key] = asked
            try:
                return asked.answer()
            except (TimeoutError, MemoryError, InterruptedError) as error:
                raise ValueError(str(error)) from error

    def stop(self, tenant: str, by: str, name: str) -> bool:
        """Stop somebody's question, and say whether there was one of that name."""
        asked = self._running.get((tenant, by, name))
        if asked is not None:
            asked.cancel()
        return asked is not None

    @contextmanager
    def _counted(self, question: Question) -> Generator[tuple[str, str, str]]:
        key = (question.tenant, question.by, question.id or uuid4().hex)
        with self._lock:
            mine = sum(who == question.by for _, who, _ in self._taken)
            if len(self._taken) >= MOST_AT_ONCE or mine >= MOST_OF_ONE:
                raise BusyError(f"{len(self._taken)} questions run already, {mine} of them yours; ask again in a while")
            if key in self._taken:
                raise ValueError(f"your question {question.id!r} runs already; stop it or choose another name")
            self._taken.add(key)
        try:
            yield key
        finally:
            with self._lock:
                self._taken.discard(key)
                self._running.pop(key, None)
