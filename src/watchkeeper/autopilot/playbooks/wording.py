"""What playbooks say to people, with what is known of the incident in it. Owns which values a text may hold, and its language."""

from collections.abc import Mapping

from watchkeeper.model.incident import Incident
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.model.playbook import Words
from watchkeeper.reporting import say

VALUES = ("title", "hosts", "attackers", "accounts")
"""Places that a sentence of the lexicon may have."""
_MOST = 5


def filled(words: Words, incident: Incident) -> Words:
    """Give a text with the values of an incident; what an author wrote in full stays as it is."""
    trace = incident.trace
    accounts = [entity.value for entity in incident.entities if entity.kind in ("user", "account")]
    values = (incident.title, _few(incident.hosts), _few([one.value for one in trace.attackers] if trace else []), _few(accounts))
    return with_values(words, dict(zip(VALUES, values, strict=True)))


def with_values(words: Words, values: Mapping[str, str]) -> Words:
    """Give a text with values in its places."""
    return Note(code=words.code, arguments={**values, **words.arguments}) if isinstance(words, Note) else words


def in_words(words: Words, language: Language) -> str:
    """Say a text in a language; values are made harmless and cut, but not escaped for any format."""
    return say(words, language) if isinstance(words, Note) else words.of(language)


def _few(values: tuple[str, ...] | list[str]) -> str:
    rest = len(values) - _MOST
    return (", ".join(values[:_MOST]) or "?") + (f" (+{rest})" if rest > 0 else "")
