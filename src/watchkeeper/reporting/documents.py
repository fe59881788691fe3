"""Reports beside that of a case: a hand-over, a week, an exercise. Owns rendering them; what they say is handed in."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Literal

from jinja2 import Environment

from watchkeeper.markup.spreadsheet import cell
from watchkeeper.model.language import Language
from watchkeeper.model.noun import Noun
from watchkeeper.reporting.harmless import harmless, numbered
from watchkeeper.reporting.html import html_environment, rendered
from watchkeeper.reporting.markdown import markdown_environment

Document = Literal["shift", "week", "exercise"]


def as_html(name: Document, lang: Language, given: Mapping[str, object]) -> str:
    """Render a report as one page that fetches nothing."""
    return rendered(_html(lang), f"{name}.html", lang, given)


def as_markdown(name: Document, lang: Language, given: Mapping[str, object]) -> str:
    """Render a report as Markdown, for tickets and mail."""
    return _markdown(lang).get_template(f"{name}.md").render(given)


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table for spreadsheets: no cell of it is run as a formula, and hidden characters are shown."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(harmless(value) if isinstance(value, str) else value) for value in row])
    return out.getvalue()


def as_json(told: Noun) -> str:
    """Write a noun as JSON; characters that would hide something on a terminal are escaped."""
    return numbered(told.model_dump_json(indent=1)) + "\n"


@cache
def _html(lang: Language) -> Environment:
    return html_environment(lang, {})


@cache
def _markdown(lang: Language) -> Environment:
    return markdown_environment(lang, {})
