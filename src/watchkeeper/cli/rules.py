"""`watchkeeper rules`. Owns names and options of its commands; what each does stands in the module of its name."""

from pathlib import Path
from typing import Annotated

import typer

from watchkeeper.cli.where import Where, placed

rules_app = typer.Typer(help="Sigma rules: check, explain, install them, and see what they can do on your data.", no_args_is_help=True)

Given = Annotated[list[Path], typer.Argument(help="Sigma rules: folders, files or zips; `installed` is what `rules update` installed.")]
Rules = Annotated[list[Path] | None, typer.Option("--rules", help="Sigma rules: a folder, a file, a zip, or `installed`.")]
OwnRules = Annotated[bool, typer.Option("--own-rules/--no-own-rules", help="Also the rules that come with Watchkeeper.")]
Placeholders = Annotated[Path | None, typer.Option(help="YAML file with values for %placeholders% in rules: each name with a list.")]
LogSources = Annotated[Path | None, typer.Option("--logsources", help="YAML file that adds to the table of log sources.")]
Sources = Annotated[
    list[Path] | None,
    typer.Option("--sources", help="Your own sources: a YAML file or a folder, several times; those in the state folder count too."),
]
Into = Annotated[
    Path | None, typer.Option(help="Folder of installed rules; default: WATCHKEEPER_RULES, else under your user data directory.")
]


@rules_app.command("check")
def rules_check(
    rules: Given,
    placeholders: Placeholders = None,
    logsources: LogSources = None,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",  # noqa: A002 -- the option's name
) -> None:
    """Say what is wrong with rules, by file and line; exit code 1 if any of them cannot run."""
    from watchkeeper.cli.rules_check import run

    run(rules, placeholders, logsources, format)


@rules_app.command("explain")
def rules_explain(
    rule: Annotated[str, typer.Argument(help="A rule's id, name, title or file.")],
    event: Annotated[str, typer.Argument(help="A file of events, - for standard input, or with --case an event's id.")],
    rules: Rules = None,
    row: Annotated[
        int | None, typer.Option(help="Which record of the file, from 0; default: the one the rule says most of.", min=0)
    ] = None,
    case: Annotated[Path | None, typer.Option(help="A case folder: the event is one that it keeps.")] = None,
    placeholders: Placeholders = None,
    logsources: LogSources = None,
    sources: Sources = None,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",  # noqa: A002 -- the option's name
) -> None:
    """Say why a rule fires on an event, or why not: which selection held and which field failed."""
    from watchkeeper.cli.asked import choice, installed_if_any, own_sources
    from watchkeeper.cli.plainly import plain_errors
    from watchkeeper.cli.rules_explain import Asked, run

    with plain_errors():
        chosen = choice(rules or installed_if_any(), placeholders, logsources)
    run(rule, Asked(event, row, case, own_sources(sources, None)), chosen, format)


@rules_app.command("reach")
def rules_reach(
    evidence: Annotated[list[Path], typer.Argument(help="Files and folders of evidence; what they are is recognised by content.")],
    rules: Rules = None,
    own_rules: OwnRules = True,
    mapping: Annotated[str | None, typer.Option(help="Read every file as another product's alerts.")] = None,
    placeholders: Placeholders = None,
    logsources: LogSources = None,
    sources: Sources = None,
    every: Annotated[bool, typer.Option("--all", help="List every rule that cannot fire, not only how many.")] = False,
    format: Annotated[str, typer.Option(help="table or json.")] = "table",  # noqa: A002 -- the option's name
) -> None:
    """Say which rules can fire on your data, and which log source or field the others lack."""
    from dataclasses import replace

    from watchkeeper.cli.asked import log_source_files, options, own_sources
    from watchkeeper.cli.rules_reach import run

    asked = options(evidence, rules, own_rules, None, mapping, 4096)
    asked = replace(asked, placeholders=placeholders, log_sources=log_source_files(logsources))
    run(replace(asked, sources=own_sources(sources, None)), every, format)


@rules_app.command("update")
def rules_update(
    archive: Annotated[Path, typer.Argument(help="A zip of Sigma rules, such as a release of SigmaHQ's.")],
    into: Into = None,
    force: Annotated[bool, typer.Option("--force", help="Install it even if many of its rules cannot run.")] = False,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",  # noqa: A002 -- the option's name
) -> None:
    """Install a zip of rules, all or nothing, and say what it brings; your own rules and filters stay."""
    from watchkeeper.cli.rules_update import run

    run(archive, into, force, format)


@rules_app.command("replay")
def rules_replay(
    case: Annotated[Path, typer.Option(help="The case folder whose kept events are looked at again.")],
    rules: Rules = None,
    since_update: Annotated[bool, typer.Option("--since-update", help="Only rules that the last `rules update` added or changed.")] = False,
    into: Into = None,
    placeholders: Placeholders = None,
    logsources: LogSources = None,
    format: Annotated[str, typer.Option(help="table, jsonl or csv.")] = "table",  # noqa: A002 -- the option's name
) -> None:
    """Run new or changed rules over the events that a case keeps, and write the signals that it does not have yet."""
    from watchkeeper.cli.asked import choice
    from watchkeeper.cli.plainly import plain_errors
    from watchkeeper.cli.rules_replay import run

    with plain_errors():
        chosen = choice(rules, placeholders, logsources, into)
    run(case, chosen, since_update, into, format)


@rules_app.command("redetect")
def rules_redetect(
    since: Annotated[str, typer.Option(help="From when on: 7d, 12h, 30m, or a date or time (UTC).")],
    rules: Rules = None,
    own_rules: Annotated[bool, typer.Option("--own-rules", help="Also the rules that come with Watchkeeper.")] = False,
    tenant: Annotated[str | None, typer.Option(help="Whose events; default: `default`.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only write the signals; make no incidents of them.")] = False,
    placeholders: Placeholders = None,
    logsources: LogSources = None,
    state: Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")] = None,
    format: Annotated[str, typer.Option(help="table, jsonl or csv.")] = "table",  # noqa: A002 -- the option's name
) -> None:
    """Run new or changed rules over the events that `serve` keeps; incidents of what is new say that it was found late."""
    from watchkeeper.cli.asked import log_source_files
    from watchkeeper.cli.redetect import Wish, rules_again

    wish = Wish(since, tenant, state, format, dry_run=dry_run)
    rules_again(wish, rules, placeholders, log_source_files(logsources), own_rules=own_rules)


@rules_app.command("filter")
def rules_filter(
    rule: Annotated[str, typer.Argument(help="A rule's id, name, title or file.")],
    rules: Rules = None,
    accept: Annotated[Path | None, typer.Option(help="Write the filter to this new file, if it is proved.")] = None,
    placeholders: Placeholders = None,
    logsources: LogSources = None,
    state: Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")] = None,
) -> None:
    """Propose a Sigma filter that hides what people judged benign of a rule and nothing that they judged an attack."""
    from watchkeeper.cli.asked import choice, installed_if_any
    from watchkeeper.cli.plainly import plain_errors
    from watchkeeper.cli.rules_filter import run

    with plain_errors():
        chosen = choice(rules or installed_if_any(), placeholders, logsources)
    run(rule, chosen, accept, state)


@rules_app.command("list")
@placed
def rules_list(
    text: Annotated[str, typer.Option(help="Stands in its title or id.")] = "",
    level: Annotated[str, typer.Option(help="This severity or a higher one.")] = "",
    technique: Annotated[str, typer.Option(help="An ATT&CK technique it is tagged with, or the parent of one.")] = "",
    off: Annotated[bool, typer.Option("--off", help="Only those that are switched off.")] = False,
    most: Annotated[int, typer.Option(help="How many to list.", min=1, max=500)] = 100,
    *,
    where: Where,
) -> None:
    """List the rules that run: ours and the installed ones, or a server's; whether they give signals, and how they did."""
    from watchkeeper.cli.rules_list import run

    run({"text": text, "level": level, "technique": technique, "on": False if off else None}, most, where)


@rules_app.command("switch")
@placed
def rules_switch(
    rule: Annotated[str, typer.Argument(help="A rule's id or title, or the first characters of its id.")],
    why: Annotated[str, typer.Option(help="Your reason, in your words.")],
    on: Annotated[bool, typer.Option("--on/--off", help="Whether it is to give signals.")] = False,
    by: Annotated[str | None, typer.Option(help="Who does it; default: your user name.")] = None,
    *,
    where: Where,
) -> None:
    """Say whether a rule gives signals from now on; correlations count what it fires on all the same."""
    from watchkeeper.cli.rules_list import switched

    switched(rule, on, (why, by), where)


@rules_app.command("record")
@placed
def rules_record(
    format: Annotated[str, typer.Option(help="table or json.")] = "table",  # noqa: A002 -- the option's name
    *,
    where: Where,
) -> None:
    """Say of each rule how often people judged it right and wrong, and how much its findings count by that."""
    from watchkeeper.cli.rules_record import run

    run(format, where)
