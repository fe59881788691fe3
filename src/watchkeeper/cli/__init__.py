"""Commands. Owns their names, options and exit codes; a command's module is loaded when it is called, so that --help is fast.

Exit codes: 0 done, 1 something failed on the way, 2 what was given cannot be used (a path, a rule folder, an option).
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from watchkeeper.cli.actions import actions_app
from watchkeeper.cli.audit import audit_app
from watchkeeper.cli.brake import brake_app
from watchkeeper.cli.content import content_app
from watchkeeper.cli.evidence import evidence_app
from watchkeeper.cli.incidents import incidents_app
from watchkeeper.cli.intel import intel_app
from watchkeeper.cli.knowledge import knowledge_app
from watchkeeper.cli.notify import notify_app
from watchkeeper.cli.playbooks import playbooks_app
from watchkeeper.cli.policy import policy_app
from watchkeeper.cli.questions import questions_app
from watchkeeper.cli.rules import rules_app
from watchkeeper.cli.senders import senders_app
from watchkeeper.cli.sources import sources_app
from watchkeeper.cli.suppressions import suppressions_app
from watchkeeper.cli.tokens import tokens_app
from watchkeeper.cli.users import users_app
from watchkeeper.cli.watch import watch_app
from watchkeeper.cli.where import Where, placed

app = typer.Typer(
    name="watchkeeper",
    help="An autopilot for security operations: raw telemetry in, an explained incident out, offline.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
range_app = typer.Typer(help="The built-in range: a synthetic company for demos, tests and exercises.", no_args_is_help=True)
app.add_typer(range_app, name="range")
app.add_typer(rules_app, name="rules")
app.add_typer(incidents_app, name="incidents")
app.add_typer(actions_app, name="actions")
app.add_typer(policy_app, name="policy")
app.add_typer(brake_app, name="brake")
app.add_typer(content_app, name="content")
app.add_typer(evidence_app, name="evidence")
app.add_typer(intel_app, name="intel")
app.add_typer(sources_app, name="sources")
app.add_typer(knowledge_app, name="knowledge")
app.add_typer(notify_app, name="notify")
app.add_typer(playbooks_app, name="playbooks")
app.add_typer(questions_app, name="questions")
app.add_typer(suppressions_app, name="suppressions")
app.add_typer(watch_app, name="watch")
app.add_typer(users_app, name="users")
app.add_typer(tokens_app, name="tokens")
app.add_typer(senders_app, name="senders")
app.add_typer(audit_app, name="audit")

Evidence = Annotated[list[Path], typer.Argument(help="Files and folders of evidence; what they are is recognised by content.")]
NoIntel = Annotated[bool, typer.Option("--no-intel", help="Do not match installed intelligence.")]
Watchlists = Annotated[Path | None, typer.Option(help="watchlists.yml: users, hosts, files and more that your organisation watches.")]
Rules = Annotated[list[Path] | None, typer.Option("--rules", help="Sigma rules: a folder, a file, a zip or `installed`; several times.")]
OwnRules = Annotated[bool, typer.Option("--own-rules/--no-own-rules", help="Also run the rules that come with Watchkeeper.")]
Assets = Annotated[Path | None, typer.Option(help="assets.yml: owner, role, criticality and protection of hosts and accounts.")]
Mapping = Annotated[str | None, typer.Option(help="Read every file as another product's alerts: a shipped mapping's name, or a YAML file.")]
Placeholders = Annotated[Path | None, typer.Option(help="YAML file with values for %placeholders% in rules: each name with a list.")]
LogSources = Annotated[
    Path | None, typer.Option("--logsources", help="YAML file that adds to the table of log sources; docs/sigma.md says how.")
]
Sources = Annotated[
    list[Path] | None,
    typer.Option(
        "--sources", help="Your own sources: a YAML file or a folder of them, several times; those in the state folder count too."
    ),
]
State = Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")]
BatchRows = Annotated[int, typer.Option(help="Events a batch; results do not depend on it.", min=1, max=65_536)]
Engine = Annotated[str, typer.Option(help="What runs the rules: fused, or the slow reference. Results do not depend on it.")]
Workers = Annotated[int, typer.Option(help="Processes that read and detect; 0 is one a core. Results do not depend on it.", min=0, max=256)]


@app.command()
def investigate(
    evidence: Evidence,
    out: Annotated[Path, typer.Option(help="Folder for the case; it is made if missing.")],
    rules: Rules = None,
    own_rules: OwnRules = True,
    assets: Assets = None,
    mapping: Mapping = None,
    placeholders: Placeholders = None,
    logsources: LogSources = None,
    sources: Sources = None,
    state: State = None,
    lang: Annotated[str | None, typer.Option(help="Language of the report: en or zh.")] = None,
    keep: Annotated[str, typer.Option(help="Events kept in the case: evidence (what is cited and around it) or all.")] = "evidence",
    batch_rows: BatchRows = 4096,
    engine: Engine = "fused",
    workers: Workers = 1,
    no_intel: NoIntel = False,
    watchlists: Watchlists = None,
) -> None:
    """Read evidence, find incidents, trace and judge them, and write a report."""
    from watchkeeper.cli.asked import log_source_files, options, own_sources, with_intelligence
    from watchkeeper.cli.investigate import run

    asked = options(evidence, rules, own_rules, assets, mapping, batch_rows, engine)
    asked = replace(asked, placeholders=placeholders, log_sources=log_source_files(logsources), workers=workers)
    asked = replace(asked, sources=own_sources(sources, state))
    run(with_intelligence(asked, state, watchlists, no_intel), out, state, lang, keep)


@app.command()
def detect(
    evidence: Evidence,
    rules: Rules = None,
    own_rules: OwnRules = True,
    assets: Assets = None,
    mapping: Mapping = None,
    placeholders: Placeholders = None,
    logsources: LogSources = None,
    sources: Sources = None,
    format: Annotated[str, typer.Option(help="table, jsonl or csv.")] = "table",  # noqa: A002 -- the option's name
    batch_rows: BatchRows = 4096,
    engine: Engine = "fused",
    workers: Workers = 1,
    no_intel: NoIntel = False,
    watchlists: Watchlists = None,
    state: Annotated[Path | None, typer.Option(help="Folder of what outlives a run: use what is known and looked out for there.")] = None,
) -> None:
    """Write every signal in time order, with its fold, session and incident."""
    from watchkeeper.cli.asked import log_source_files, options, own_sources, own_store, with_intelligence
    from watchkeeper.cli.detect import run

    asked = options(evidence, rules, own_rules, assets, mapping, batch_rows, engine)
    asked = replace(asked, placeholders=placeholders, log_sources=log_source_files(logsources), workers=workers)
    asked = replace(asked, sources=own_sources(sources, state), state=own_store(state))
    run(with_intelligence(asked, state, watchlists, no_intel), format)


@app.command()
def exposure(
    inventory: Annotated[list[Path], typer.Argument(help="What is installed: assets.yml, SBOMs, package lists, tables.")],
    kev: Annotated[list[Path] | None, typer.Option(help="List of what is known to be exploited; default: the installed one.")] = None,
    cve: Annotated[list[Path] | None, typer.Option(help="List of vulnerabilities, file or folder; default: the installed one.")] = None,
    case: Annotated[Path | None, typer.Option(help="A case folder: hosts it saw with outside addresses count as reachable.")] = None,
    into: Annotated[Path | None, typer.Option(help="Folder of installed content; default: WATCHKEEPER_RULES.")] = None,
    most: Annotated[int, typer.Option(help="How many to list as text.", min=1)] = 50,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",  # noqa: A002 -- the option's name
) -> None:
    """Match vulnerabilities with what is installed, the most pressing first, with reasons."""
    from watchkeeper.cli.exposure import run

    run(inventory, kev or [], cve or [], case, into, most, format)


@app.command()
def export(
    case: Annotated[Path, typer.Argument(help="A case folder, as `watchkeeper investigate --out` leaves it.")],
    format: Annotated[str, typer.Option(help="stix, attack-flow, ocsf or navigator.")],  # noqa: A002 -- the option's name
    incident: Annotated[
        int | None, typer.Option(help="Rank of the only incident to export; default: all shown, or the first.", min=1)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write; default: standard output.")] = None,
    organisation: Annotated[str, typer.Option(help="Who tells, in STIX and Attack Flow; default: Watchkeeper itself.")] = "",
    tlp: Annotated[str, typer.Option(help="Traffic Light Protocol of STIX and Attack Flow: clear to red, or none.")] = "amber",
    lang: Annotated[str | None, typer.Option(help="Language of its sentences: en or zh.")] = None,
) -> None:
    """Write a case for other tools: STIX 2.1, Attack Flow, OCSF findings or an ATT&CK Navigator layer."""
    from watchkeeper.cli.export import run

    run(case, format, incident, out, (organisation, tlp, lang))


@app.command()
def show(
    evidence: Evidence,
    view: Annotated[str, typer.Option(help="ocsf, ecs, or native: as the source writes it.")] = "ocsf",
    limit: Annotated[int | None, typer.Option(help="Events at most; default: all.", min=1)] = None,
    mapping: Mapping = None,
    sources: Sources = None,
) -> None:
    """Write events of any source as JSON lines, in one schema whatever wrote them."""
    from watchkeeper.cli.asked import own_sources
    from watchkeeper.cli.show import run

    run(evidence, view, limit, mapping, own_sources(sources, None))


@app.command()
@placed
def hunt(
    words: Annotated[
        list[str],
        typer.Argument(metavar="NAME EVIDENCE", help="Name of a hunt, then evidence or a case folder; or `list`; or a question in SQL."),
    ],
    every: Annotated[bool, typer.Option("--all", help="Ask every hunt; the words are evidence alone.")] = False,
    technique: Annotated[str | None, typer.Option(help="Ask the hunts for an ATT&CK technique; the words are evidence alone.")] = None,
    hunts: Annotated[list[Path] | None, typer.Option("--hunts", help="Your own hunts: a file or folder, several times.")] = None,
    usual_until: Annotated[str | None, typer.Option(help="Until when everything is usual, for hunts that look for what is new.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for a case in which findings are followed; of SQL, a .csv, .jsonl or .parquet.")
    ] = None,
    assets: Assets = None,
    mapping: Mapping = None,
    logsources: LogSources = None,
    sources: Sources = None,
    keep: Annotated[str, typer.Option(help="Events kept in the case: evidence (what is cited and around it) or all.")] = "evidence",
    lang: Annotated[str | None, typer.Option(help="Language: en or zh.")] = None,
    format: Annotated[str | None, typer.Option(help="text or json; of SQL, table, jsonl or csv.")] = None,  # noqa: A002 -- the option's name
    limit: Annotated[int, typer.Option(help="SQL: most rows.", min=1, max=1_000_000)] = 1_000,
    seconds: Annotated[float, typer.Option(help="SQL: most seconds.", min=0.1, max=3_600)] = 60,
    *,
    where: Where,
) -> None:
    """Ask a hypothesis of evidence, or a question in SQL of received events: what was found, and where it cannot be answered."""
    from watchkeeper.cli.hunt_sql import is_sql
    from watchkeeper.cli.hunt_sql import run as ask

    if is_sql(words[0]):
        from watchkeeper.lake import Limits

        return ask(" ".join(words), where, Limits(limit, seconds), (format or "table", out))
    from watchkeeper.cli.asked import log_source_files, options, own_sources
    from watchkeeper.cli.hunt import Wanted, run

    asked = options([], None, True, assets, mapping, 4096)
    asked = replace(asked, log_sources=log_source_files(logsources), sources=own_sources(sources, None))
    return run(Wanted(tuple(words), every, technique, tuple(hunts or ())), asked, usual_until, (out, keep), (lang, format or "text"))


@app.command()
def replay(
    case: Annotated[Path, typer.Argument(help="A case folder; nothing is traced again.")],
    incident: Annotated[int, typer.Option(help="Rank of the incident.", min=1)] = 1,
    every: Annotated[bool, typer.Option("--all", help="Write every step without waiting, as when the output is no terminal.")] = False,
    speed: Annotated[
        float | None, typer.Option(help="Go on by itself, so many times faster than it happened; a pause is 5 seconds at most.", min=0.001)
    ] = None,
    lang: Annotated[str | None, typer.Option(help="Language: en or zh.")] = None,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",  # noqa: A002 -- the option's name
) -> None:
    """Step through the story of an incident in time: each checked sentence, its evidence, and how the picture grows."""
    from watchkeeper.cli.replay import run

    run(case, incident, format, (every, speed), lang)


@app.command()
def trace(
    what: Annotated[str, typer.Argument(help="An event's id or its first characters, or a process as HOST:PID.")],
    case: Annotated[Path, typer.Option(help="A case folder, or a file or folder of evidence, which is read first.")],
    back: Annotated[bool, typer.Option("--back", help="What led to it; with neither --back nor --forward, both.")] = False,
    forward: Annotated[bool, typer.Option("--forward", help="What it did.")] = False,
    depth: Annotated[int, typer.Option(help="Edges from where it begins at most.", min=1, max=50)] = 6,
    limit: Annotated[int, typer.Option(help="Edges of one thing at most; the rest is counted.", min=1, max=100_000)] = 200,
    format: Annotated[str, typer.Option(help="text, json or svg.")] = "text",  # noqa: A002 -- the option's name
    lang: Annotated[str | None, typer.Option(help="Language: en or zh.")] = None,
) -> None:
    """Follow an event or a process back to what led to it and forward to what it did."""
    from watchkeeper.cli.trace import run

    run(what, case, (back, forward), (depth, limit), format, lang)


@app.command()
@placed
def feedback(
    subject: Annotated[
        str | None, typer.Argument(help="Id of the incident or session, or its first characters; none lists all words.")
    ] = None,
    verdict: Annotated[str | None, typer.Argument(help="succeeded, attempted, blocked, authorised, benign or undetermined.")] = None,
    why: Annotated[str | None, typer.Option(help="Your reason, in your words.")] = None,
    by: Annotated[str | None, typer.Option(help="Who says so; default: your user name.")] = None,
    what_if: Annotated[bool, typer.Option("--what-if", help="Say what it would have changed in earlier cases, and keep nothing.")] = False,
    *,
    where: Where,
) -> None:
    """Say what an incident or session really was; later runs weigh its rules by it."""
    from watchkeeper.cli.feedback import run

    run((subject, verdict, why), by, what_if, where)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the listeners and the API.", min=1, max=65_535)] = 8080,
    syslog: Annotated[int | None, typer.Option(help="Port for syslog over UDP and TCP.", min=1, max=65_535)] = None,
    syslog_tls: Annotated[int | None, typer.Option(help="Port for syslog over TLS.", min=1, max=65_535)] = None,
    certificate: Annotated[Path | None, typer.Option(help="Certificate chain (PEM) for TLS.")] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Beyond loopback without TLS: passwords, tokens and telemetry cross the network readable.")
    ] = False,
    rules: Rules = None,
    own_rules: OwnRules = True,
    workers: Annotated[int, typer.Option(help="Processes that detect and store; 0 is one a core.", min=0, max=64)] = 0,
    placeholders: Placeholders = None,
    logsources: LogSources = None,
    assets: Assets = None,
    state: State = None,
    no_intel: NoIntel = False,
    watchlists: Watchlists = None,
    log: Annotated[str, typer.Option(help="How the log is written: json or console; default: as the terminal suggests.")] = "",
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Take in telemetry, keep it, detect on it as it arrives, and answer questions about it, until stopped."""
    from watchkeeper.cli.asked import log_source_files, options, with_intelligence
    from watchkeeper.cli.serve import Asked, run
    from watchkeeper.settings import read_settings

    settings = read_settings(state)
    given = options([], rules, own_rules, assets, None, 4096, "fused")
    given = replace(given, placeholders=placeholders, log_sources=log_source_files(logsources), state=settings.store)
    given = replace(given, watch_days=settings.watch_days, content=settings.rules)
    asked = Asked(host, port, workers, certificate, key, insecure, log, log_level, syslog, syslog_tls)
    run(asked, with_intelligence(given, state, watchlists, no_intel), settings.state, settings.store)


@app.command()
@placed
def signals(
    rule: Annotated[str, typer.Option(help="Id of the rule.")] = "",
    level: Annotated[str, typer.Option(help="This severity or a higher one.")] = "",
    host: Annotated[str, typer.Option(help="Host the event is about.")] = "",
    user: Annotated[str, typer.Option(help="User who acted.")] = "",
    incident: Annotated[str, typer.Option(help="Id of the incident that they are part of.")] = "",
    since: Annotated[str, typer.Option(help="Not earlier, such as 2026-03-04T09:00:00Z.")] = "",
    until: Annotated[str, typer.Option(help="Not later.")] = "",
    most: Annotated[int, typer.Option(help="How many to list.", min=1, max=500)] = 50,
    format: Annotated[str, typer.Option(help="table or jsonl.")] = "table",  # noqa: A002 -- the option's name
    *,
    where: Where,
) -> None:
    """List signals of earlier runs, newest first."""
    from watchkeeper.cli.signals_list import run

    asked = {"rule": rule, "level": level, "host": host, "user": user, "incident": incident, "since": since, "until": until}
    run(asked, most, format, where)


@app.command()
def doctor(
    why: Annotated[
        str | None, typer.Option(help="Say why there are no events, signals or incidents: the first place where it stops.")
    ] = None,
    port: Annotated[
        list[int] | None, typer.Option(help="Say who has a TCP port of this machine; several times.", min=1, max=65_535)
    ] = None,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",  # noqa: A002 -- the option's name
    lang: Annotated[str | None, typer.Option(help="Language: en or zh.")] = None,
    state: State = None,
) -> None:
    """Check what works here, what is missing, and how to mend it."""
    from watchkeeper.cli.doctor import Asked, run

    run(state, Asked(why, tuple(port or ()), format, lang))


@app.command()
def health(state: State = None) -> None:
    """Say whether the platform takes events in, for containers and scripts; exit code 1 if it does not."""
    from watchkeeper.cli.health import run

    run(state)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="File to write; it must not be there.")],
    state: State = None,
) -> None:
    """Write everything that the state database holds into one file, while others go on working with it."""
    from watchkeeper.cli.backup import run_backup

    run_backup(file, state)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup, as `watchkeeper backup` writes it.")],
    state: State = None,
    replace_all: Annotated[bool, typer.Option("--replace", help="Put it in the place of what the database holds now.")] = False,
) -> None:
    """Put a backup into the state database, SQLite or PostgreSQL, whichever it was made from; all of it or nothing."""
    from watchkeeper.cli.backup import run_restore

    run_restore(file, state, replace_all)


@range_app.command("generate")
def range_generate(
    out: Annotated[Path, typer.Option(help="Folder for evidence/, assets.yml and truth/.")],
    scenario: Annotated[str, typer.Option(help="Which intrusion; `watchkeeper range scenarios` lists them.")] = "phishing-ransomware",
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 7,
    later: Annotated[int, typer.Option(help="So many days later: the same company, and the attacker comes back.", min=0, max=400)] = 0,
) -> None:
    """Generate a day of a synthetic company with one intrusion in it."""
    from watchkeeper.cli.cyberrange import run

    run(scenario, seed, later, out)


@range_app.command("scenarios")
def range_scenarios() -> None:
    """List the scenarios."""
    from watchkeeper.cli.cyberrange import scenarios

    scenarios()


def _print_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(version("watchkeeper"))
        raise typer.Exit


@app.callback()
def _root(
    _: Annotated[bool, typer.Option("--version", help="Say which version this is.", callback=_print_version, is_eager=True)] = False,
) -> None:
    return


def main() -> None:
    """Run the command line."""
    app()
