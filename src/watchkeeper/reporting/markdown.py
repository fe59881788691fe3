"""The case as Markdown, for tickets and mail. Owns the escaping; what it says stands in the template."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from jinja2 import Environment

from watchkeeper.model.acted import Acted
from watchkeeper.model.claim import Claim
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.reporting.cited import Cited
from watchkeeper.reporting.funnel_svg import stages
from watchkeeper.reporting.harmless import shown
from watchkeeper.reporting.page import LINKS, NOTHING, detailed
from watchkeeper.reporting.questions import Answer, answers
from watchkeeper.reporting.sentences import say
from watchkeeper.reporting.templating import Functions, environment

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~<>&$@^=:-])")
_LINKING = re.compile(r"(?i)\b(www)\.")
_NUMBERED = re.compile(r"^(\s*\d+)([.)])")


def escaped(text: str) -> str:
    """Escape a text so that Markdown shows it as it is: no formatting, table cell, link, image, mention or HTML comes out of it."""
    plain = _SPECIAL.sub(r"\\\1", shown(text, 1000))
    return _NUMBERED.sub(r"\1\\\2", _LINKING.sub(r"\1\\.", plain))


def markdown(case: Case, lang: Language, evidence: Mapping[str, Cited], acted: Acted = NOTHING) -> str:
    """Render the case; `evidence` holds the cited events of every incident in `detailed`, by incident id; `acted` what was done."""

    def questions(incident: Incident) -> Sequence[Answer]:
        return answers(incident, case.incidents, lang)

    template = _environment(lang).get_template("report.md")
    return template.render(case=case, stages=stages(case), incidents=detailed(case), evidence=evidence, answers=questions, acted=acted)


def markdown_environment(lang: Language, functions: Functions) -> Environment:
    """Make the environment of a text, with functions of its own beside those that all have."""

    def t(code: str, **arguments: str) -> str:
        return say(Note(code=code, arguments=arguments), lang)

    def said(note: Note | Claim) -> str:
        return say(note, lang)

    return environment(lang, _finalize, {"t": t, **functions}, {"said": said, "sentence": said}, html=False)


@cache
def _environment(lang: Language) -> Environment:
    return markdown_environment(lang, {"cite": _numbers})


def _numbers(ids: Sequence[str], cited: Cited) -> str:
    numbers = sorted({cited.numbers[key] for key in ids if key in cited.numbers})
    return " ".join(f"E{number}" for number in numbers[:LINKS]) + (f" +{len(numbers) - LINKS}" if len(numbers) > LINKS else "")


def _finalize(value: object) -> object:
    return escaped(value) if isinstance(value, str) else value
