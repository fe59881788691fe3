"""`watchkeeper intel`. Owns names and options of its commands; what each does stands in the modules named after them."""

from pathlib import Path
from typing import Annotated

import typer

intel_app = typer.Typer(
    help="Intelligence: import what is known to be bad, check it, and match it with what was read.", no_args_is_help=True
)
allow = typer.Typer(help="Allow-lists: what is known not to be bad.", no_args_is_help=True)
intel_app.add_typer(allow, name="allow")

State = Annotated[
    Path | None, typer.Option(help="Folder of what outlives a run; default: WATCHKEEPER_STATE, else your user data directory.")
]
Assets = Annotated[Path | None, typer.Option(help="assets.yml: `networks` and `domains` of your own are never matched.")]
Source = Annotated[str, typer.Option(help="Who says so; default: the file's own name.")]
Confidence = Annotated[int, typer.Option(help="How sure the source is, where it does not say.", min=0, max=100)]
Tlp = Annotated[str, typer.Option(help="Traffic Light Protocol, where the source does not say: clear, green, amber, amber+strict, red.")]
Labels = Annotated[list[str] | None, typer.Option("--label", help="A label for every indicator; several times.")]
ValidDays = Annotated[int | None, typer.Option(help="Days after which indicators expire, where the source does not say.", min=1)]
Private = Annotated[bool, typer.Option("--private", help="These indicators may match private addresses and allow-lists.")]
Replace = Annotated[bool, typer.Option("--replace", help="What this source gave before and does not give now goes.")]


@intel_app.command("import")
def intel_import(
    files: Annotated[list[Path], typer.Argument(help="STIX, MISP, OpenIOC, CSV or text; files, folders, zips or gzips.")],
    source: Source = "",
    confidence: Confidence = 50,
    tlp: Tlp = "",
    label: Labels = None,
    valid_days: ValidDays = None,
    private: Private = False,
    replace: Replace = False,
    column: Annotated[list[str] | None, typer.Option(help="Which column of a CSV holds what, such as value=ioc or labels=family.")] = None,
    format: Annotated[str, typer.Option(help="Format of the files; default: recognised by content.")] = "",  # noqa: A002 -- the option's name
    state: State = None,
) -> None:
    """Import indicators; importing the same again changes nothing."""
    from watchkeeper.cli.intel_import import defaults, run

    run(files, defaults(source, confidence, tlp, label or [], valid_days, private), column or [], format, replace, state)


@intel_app.command("list")
def intel_list(state: State = None) -> None:
    """List the sources of installed indicators, and the allow-lists."""
    from watchkeeper.cli.intel_show import sources

    sources(state)


@intel_app.command("check")
def intel_check(
    value: Annotated[str, typer.Argument(help="An address, domain, URL, hash, mailbox or file name.")],
    assets: Assets = None,
    state: State = None,
) -> None:
    """Say which indicators have a value, whether they count, and if not, why; exit code 1 if none counts."""
    from watchkeeper.cli.intel_show import check

    check(value, assets, state)


@intel_app.command("remove")
def intel_remove(source: Annotated[str, typer.Argument(help="Name of a source, as `intel list` shows it.")], state: State = None) -> None:
    """Take out every indicator of a source."""
    from watchkeeper.cli.intel_show import remove

    remove(source, state)


@allow.command("import")
def allow_import(
    archive: Annotated[Path, typer.Argument(help="A zip of MISP warning lists, or one list.json.")],
    leave_out: Annotated[list[str] | None, typer.Option("--except", help="Name or folder of a list to leave out; several times.")] = None,
    state: State = None,
) -> None:
    """Install allow-lists in the place of those before."""
    from watchkeeper.cli.intel_import import allow as run

    run(archive, leave_out or [], state)


@intel_app.command("match")
def intel_match(
    cases: Annotated[list[Path], typer.Argument(help="Case folders.")],
    source: Annotated[str, typer.Option(help="Only indicators of this source.")] = "",
    new_days: Annotated[int | None, typer.Option(help="Only indicators first imported in the last so many days.", min=1)] = None,
    assets: Assets = None,
    state: State = None,
    format: Annotated[str, typer.Option(help="table, jsonl or csv.")] = "table",  # noqa: A002 -- the option's name
) -> None:
    """Match installed indicators with everything that cases read, and say since when, on which hosts and how often."""
    from watchkeeper.cli.intel_match import run

    run(cases, source, new_days, assets, state, format)


@intel_app.command("redetect")
def intel_redetect(
    since: Annotated[str, typer.Option(help="From when on: 7d, 12h, 30m, or a date or time (UTC).")],
    source: Annotated[str, typer.Option(help="Only indicators of this source.")] = "",
    new_days: Annotated[int | None, typer.Option(help="Only indicators first imported in the last so many days.", min=1)] = None,
    watchlists: Annotated[Path | None, typer.Option(help="watchlists.yml of your own, which are compared as well.")] = None,
    assets: Assets = None,
    tenant: Annotated[str | None, typer.Option(help="Whose events; default: `default`.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only write the signals; make no incidents of them.")] = False,
    state: State = None,
    format: Annotated[str, typer.Option(help="table, jsonl or csv.")] = "table",  # noqa: A002 -- the option's name
) -> None:
    """Match indicators with the events that `serve` keeps; incidents of what is new say that it was found late."""
    from watchkeeper.cli.redetect import Wish, intel_again

    intel_again(Wish(since, tenant, state, format, dry_run=dry_run), (source, new_days), watchlists, assets)


@intel_app.command("export")
def intel_export(
    cases: Annotated[list[Path], typer.Argument(help="Case folders.")],
    out: Annotated[Path, typer.Option(help="File to write; nothing is sent anywhere.")],
    organisation: Annotated[str, typer.Option(help="Who saw it: your organisation's name, as others should read it.")],
    tlp: Annotated[str, typer.Option(help="Strictest Traffic Light Protocol level that may leave: clear, green, amber …")] = "green",
    hosts: Annotated[bool, typer.Option("--hosts", help="Also name the hosts where it was seen.")] = False,
    source: Annotated[str, typer.Option(help="Only indicators of this source.")] = "",
    new_days: Annotated[int | None, typer.Option(help="Only indicators first imported in the last so many days.", min=1)] = None,
    assets: Assets = None,
    state: State = None,
) -> None:
    """Write which indicators cases saw, how often and when, as a STIX 2.1 bundle."""
    from watchkeeper.cli.intel_export import Asked, run

    run(cases, Asked(out, organisation, tlp, hosts), (source, new_days), assets, state)


@intel_app.command("fetch")
def intel_fetch(
    url: Annotated[str, typer.Argument(help="Address of a TAXII 2.1 server's discovery, or of one of its api roots.")],
    collection: Annotated[str, typer.Option(help="Id, alias or title of a collection; without it, those there are listed.")] = "",
    added_after: Annotated[str, typer.Option(help="Only what was added after a time, such as 2026-01-31T12:00:00Z.")] = "",
    page: Annotated[int | None, typer.Option(help="Objects asked for at a time; default: as the server likes.", min=1)] = None,
    login: Annotated[Path | None, typer.Option(help="File with `basic USER:PASSWORD` or `bearer TOKEN`; or WATCHKEEPER_LOGIN.")] = None,
    ca: Annotated[Path | None, typer.Option(help="Certificates (PEM) of an authority to trust besides those of the system.")] = None,
    source: Source = "",
    confidence: Confidence = 50,
    tlp: Tlp = "",
    label: Labels = None,
    valid_days: ValidDays = None,
    private: Private = False,
    replace: Replace = False,
    state: State = None,
) -> None:
    """Fetch a collection of a TAXII 2.1 server and import it."""
    from watchkeeper.cli.intel_fetch import Server, run
    from watchkeeper.cli.intel_import import defaults

    given = defaults(source, confidence, tlp, label or [], valid_days, private)
    run(Server(url, login, ca), (collection, added_after, page), given, replace, state)
