"""Triage: a verdict with its reasons and what is missing. Owns facts, hypotheses, their weighing, and what people's words make of it."""

from watchkeeper.triage.closing import SHOWN_SHARE, Closing, is_drawn
from watchkeeper.triage.experience import NO_EXPERIENCE, Experience, learn
from watchkeeper.triage.facts import NOTHING_SAID, Said
from watchkeeper.triage.judging import judge, subject_of
from watchkeeper.triage.seen import Seen, of_incident, of_session

__all__ = [
    "NOTHING_SAID", "NO_EXPERIENCE", "SHOWN_SHARE", "Closing", "Experience", "Said", "Seen", "is_drawn", "judge", "learn", "of_incident",
    "of_session", "subject_of",
]  # fmt: skip
