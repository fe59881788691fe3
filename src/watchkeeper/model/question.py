"""Question and Answer: what a playbook asks people about an incident. Owns the shapes, and which answers a question takes."""

import hashlib
import json
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from watchkeeper.model.condition import StepName
from watchkeeper.model.noun import Noun
from watchkeeper.model.playbook import Party, Words

AnswerWay = Literal["cli", "api", "link"]


class Option(Noun):
    """One answer that a question takes."""

    name: StepName
    """What it is called by."""
    said: Words
    """What people read, with what is known of the incident in it."""


class Answer(Noun):
    """What a person answered."""

    choice: StepName
    """Name of the choice."""
    by: Annotated[str, Field(min_length=1, max_length=200)]
    """Login of the person."""
    time: AwareDatetime
    """When, UTC."""
    way: AnswerWay
    """How it was said."""
    why: Annotated[str, Field(max_length=1_000)] = ""
    """Why, in the person's words."""


class Question(Noun):
    """A question about an incident, to whom, until when, and its answer."""

    id: str
    """32 hex digits of the tenant, the incident and the step that asks."""
    incident: str
    """Id of the incident."""
    title: str
    """Title of the incident."""
    playbook: str
    """Name of the playbook that asks."""
    key: Annotated[str, Field(max_length=200)]
    """Which step asks it, which time."""
    to: Party
    """Whom it is for."""
    owners: tuple[str, ...] = ()
    """People or teams that own what the incident is about, where it is for the owner."""
    question: Words
    """What is asked, with what is known of the incident in it."""
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=8)]
    """What can be answered."""
    default: StepName
    """Name of the choice that is taken if nobody answers in time."""
    asked: AwareDatetime
    """When it was asked, UTC."""
    deadline: AwareDatetime
    """Until when it can be answered, UTC."""
    answer: Answer | None = None
    """What was answered; none while nobody has."""

    def answered(self, answer: Answer) -> "Question":
        """Give the question with its answer.

        Raises:
            ValueError: it was answered before, its time is up, or the answer is none of its choices.
        """
        if self.answer is not None:
            raise ValueError(f"question {self.id[:12]} was answered {self.answer.choice!r} by {self.answer.by!r} before; that stands")
        if answer.time >= self.deadline:
            until = f"{self.deadline:%Y-%m-%d %H:%M} UTC"
            raise ValueError(f"question {self.id[:12]} could be answered until {until}; {self.default!r} was taken")
        if not any(one.name == answer.choice for one in self.options):
            named = ", ".join(one.name for one in self.options)
            raise ValueError(f"{answer.choice[:60]!r} is no answer to question {self.id[:12]}; there are {named}")
        return self.model_copy(update={"answer": answer})


def question_id(tenant: str, incident: str, key: str) -> str:
    """Give the id of what a step asks about an incident: the same step asks once."""
    text = json.dumps([tenant, incident, key], separators=(",", ":"), ensure_ascii=True)
    return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()
