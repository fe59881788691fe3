"""Whose state a command is about: a folder here, or a server's. Owns the options for it, which stand here once; nothing heavy is loaded."""

import inspect
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

import typer

Command = TypeVar("Command", bound=Callable[..., None])


class Where(NamedTuple):
    """What a person says of whose state is meant."""

    state: Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")] = None
    server: Annotated[str | None, typer.Option(help="Ask a server instead, as https://HOST:PORT; default: WATCHKEEPER_SERVER, if set.")] = (
        None
    )
    token_file: Annotated[Path | None, typer.Option(help="File with the API token for it; default: WATCHKEEPER_TOKEN.")] = None
    ca: Annotated[Path | None, typer.Option(help="Certificates (PEM) that its certificate is checked against.")] = None
    tenant: Annotated[str | None, typer.Option(help="Whose; default: `default`, or the only one that the token is for.")] = None


def placed(command: Command) -> Command:
    """Give a command that takes `where` the options by which a person says so."""
    own = [one for one in inspect.signature(command, eval_str=True).parameters.values() if one.name != "where"]
    hints = inspect.get_annotations(Where, eval_str=True)
    options = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hints[name]) for name in Where._fields]

    @wraps(command)
    def run(**given: object) -> None:
        where = {name: given.pop(name) for name in Where._fields}
        command(**given, where=Where(**where))  # pyright: ignore[reportArgumentType] -- as typer read them by these very types

    parameters = [*(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own), *options]
    run.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportAttributeAccessIssue] -- what `inspect.signature` reads
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    del run.__wrapped__
    return run  # pyright: ignore[reportReturnType] -- with other options, which only typer calls it by


def server_of(where: Where) -> str:
    """Give the address of the server that is meant; empty if none is.

    A state folder that is named on the command line wins over a server in the environment.
    """
    return where.server or ("" if where.state else os.environ.get("WATCHKEEPER_SERVER", ""))
