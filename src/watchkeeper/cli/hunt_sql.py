"""`watchkeeper hunt 'SELECT …'`. Owns the forms of the answer; what may be asked, and of what, is the lake's."""

import re
import sys
from pathlib import Path
from typing import cast

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.written import write_whole
from watchkeeper.lake import Answer, Limits, Questions
from watchkeeper.lake.exporting import FORMS, Form, exported
from watchkeeper.model.principal import DEFAULT_TENANT, EVERY_TENANT
from watchkeeper.reporting.harmless import shown
from watchkeeper.settings import read_settings

_SQL = re.compile(r"\s*(select|with|from|values|table|describe|summarize)\s+\S", re.IGNORECASE)
_CELL = 120


def is_sql(word: str) -> bool:
    """Say whether a word is a question in SQL; names of hunts have no blanks."""
    return _SQL.match(word) is not None


def run(question: str, state: Path | None, tenant: str | None, limits: Limits, told: tuple[str, Path | None]) -> None:
    """Ask the lake of the state folder; `told` are the form and the file to write, whose ending says the form if it is one."""
    form, out = told
    with plain_errors():
        form = one_of("format", form, ("table", *FORMS)) if out is None or form != "table" else _form_of(out)
        if form == "parquet" and out is None:
            raise ValueError("Parquet is no text; say with --out where to write it")
        answer = _answer(question, state, tenant, limits)
        if out is not None:
            write_whole(out, b"".join(exported(answer.rows, cast("Form", form))))
        elif form == "table":
            _table(answer)
        else:
            for piece in exported(answer.rows, cast("Form", form)):
                sys.stdout.buffer.write(piece)
    rows = (
        f"{answer.rows.num_rows:,} {'row' if answer.rows.num_rows == 1 else 'rows'} in {answer.seconds:.2f} s from {answer.files:,} files"
    )
    typer.echo(f"{rows}{'; there are more: --limit' if answer.more else ''}", err=True)


def _answer(question: str, state: Path | None, tenant: str | None, limits: Limits) -> Answer:
    tenants = None if tenant == EVERY_TENANT else (tenant or DEFAULT_TENANT,)
    questions = Questions(read_settings(state).state / "lake" / "events")
    try:
        return questions.ask(question, tenants, limits).answer()
    except MemoryError as error:
        raise ValueError(str(error)) from error
    finally:
        questions.close()


def _form_of(out: Path) -> str:
    return one_of("out", out.suffix.removeprefix("."), FORMS)


def _table(answer: Answer) -> None:
    table = Table(box=None, pad_edge=False)
    for name in answer.rows.column_names:
        table.add_column(shown(name, _CELL), overflow="fold")
    for row in zip(*(answer.rows.column(place).to_pylist() for place in range(answer.rows.num_columns)), strict=True):
        table.add_row(*("" if value is None else shown(str(value), _CELL) for value in row))
    Console(markup=False, highlight=False, emoji=False).print(table)
