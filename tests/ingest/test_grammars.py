"""Which grammar a message is for, and what it says by it."""

from pathlib import Path

import pytest

from watchkeeper.content import folder
from watchkeeper.ingest.grammar import Grammar, parse, read
from watchkeeper.ingest.grammars import Grammars, shipped
from watchkeeper.ingest.linear import PatternSet
from watchkeeper.ingest.syslog import message
from watchkeeper.ingest.years import Years, today

CASES = Path(__file__).parents[1] / "cases" / "ingest"
NAMES = sorted(path.stem for path in folder("sources").glob("*.yml"))


def _grammar(name: str, recognise: str, more: str = "") -> Grammar:
    return parse(f"name: {name}\nproduct: {name}\nabout: a\ndocumentation: d\nrecognise: {recognise}\n{more}", f"{name}.yml")


CHOICE = Grammars(
    [
        _grammar("any_mail", "[{programs: [postfix, Exim]}]"),
        _grammar("smtpd", "[{programs: [postfix], message: '^connect'}]"),
        _grammar("marked", "[{message: '^MARK'}]"),
        _grammar("general", "[{message: 'MARK'}]", "general: product"),
        _grammar("z_marked", "[{message: '^MARK [0-9]'}]"),
    ]
)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Mar  2 09:00:00 h postfix[1]: connect from x", "smtpd"),
        ("Mar  2 09:00:00 h postfix/smtpd[1]: lost", "any_mail"),
        ("Mar  2 09:00:00 h postfix[1]: MARK 1", "any_mail"),
        ("Mar  2 09:00:00 h /usr/sbin/EXIM[1]: x", "any_mail"),
        ("Mar  2 09:00:00 h exim(pam)[1]: x", "any_mail"),
        ("Mar  2 09:00:00 h other[1]: MARK 1", "marked"),
        ("MARK 1", "marked"),
        ("a MARK", "general"),
        ("Mar  2 09:00:00 h other[1]: x", ""),
        ("x", ""),
    ],
)
def test_the_program_comes_first_then_the_message(line: str, name: str) -> None:
    source = CHOICE.source(message(line))
    assert (source.grammar.name if source else "") == name


def test_time_and_host_come_from_where_the_grammar_says() -> None:
    more = "steps: [{pairs: {}}]\nempty: ['-']\nfields: {kind: k, a: b}\ntime: [{text: '{t}', format: epoch}]\nhost: [dev, node]\n"
    (source,) = (Grammars([_grammar("x", "[{programs: [x]}]", more)]).source(message("Mar  2 2026 09:00:00 h x: a")),)
    assert source is not None
    row = source.row(message("Mar  2 2026 09:00:00 h x: t=1772445600 dev=- node=n1 a=-"), Years(today()))
    assert (row.host, row.time and row.time.hour, dict(row.fields)) == (
        "n1",
        10,
        {"message": "t=1772445600 dev=- node=n1 a=-", "program": "x", "kind": "k", "t": "1772445600", "node": "n1"},
    )
    row = source.row(message("Mar  2 2026 09:00:00 h x: -"), Years(today()))
    assert (row.host, row.time and row.time.hour, row.fields["message"]) == ("h", 9, "-")


def test_a_general_grammar_may_leave_a_syslog_line_what_it_is() -> None:
    grammars = Grammars([_grammar("x", "[{message: a}]", "general: anything\nannotates: true\nfields: {seen: y}\n")])
    found = [
        source.row(message(line), Years(today()))
        for line in ("a", "Mar  2 2026 09:00:00 h su: a")
        if (source := grammars.source(message(line)))
    ]
    assert [(row.logsource.product, row.logsource.service, row.fields["seen"]) for row in found] == [
        ("x", "", "y"),
        ("linux", "syslog", "y"),
    ]


def test_a_field_is_read_as_another_grammar_reads_its_message() -> None:
    more = "steps: [{json: {}}, {of: text, like: logins}]\n"
    source = Grammars([_grammar("x", "[{message: a}]", more)]).source(message("a"))
    assert source is not None
    row = source.row(message('a {"text": "login failed for user \'anna\' from 192.0.2.7", "src_ip": "192.0.2.9"}'), Years(today()))
    assert (row.fields["auth_result"], row.fields["user"], row.fields["src_ip"]) == ("failed", "anna", "192.0.2.9")


@pytest.mark.parametrize(
    ("line", "result", "user", "address"),
    [
        ("app: Failed login for anna from 192.0.2.7", "failed", "anna", "192.0.2.7"),
        ('app: user "anna": password mismatch, client: 192.0.2.7, server: x', "failed", "anna", "192.0.2.7"),
        ("app: Invalid username or password from ip=[2001:db8::7]:5022", "failed", None, "2001:db8::7"),
        ("app: unsuccessful login, rhost=192.0.2.7 user=anna", "failed", "anna", "192.0.2.7"),
        ("app: client 192.0.2.7: authentication error", "failed", None, "192.0.2.7"),
        ("app: login of anna from 192.0.2.7 accepted", "accepted", "anna", "192.0.2.7"),
        ("app: anna logged in from 192.0.2.7", "accepted", None, "192.0.2.7"),
        ("Last failed login: Mon Mar 2 from 192.0.2.7, wrong password", None, None, "192.0.2.7"),
        ("app: failed to load credentials from 192.0.2.7", None, None, "192.0.2.7"),
    ],
)
def test_logins_of_any_program_are_told_only_as_the_line_tells_them(line: str, result: str | None, user: str | None, address: str) -> None:
    source = shipped().source(message(line))
    assert source is not None
    fields = source.fields(line)
    assert source.grammar.name == "logins"
    assert (fields.get("auth_result"), fields.get("user"), fields.get("src_ip")) == (result, user, address)


@pytest.mark.parametrize(
    "line",
    [
        "app: login page served to 192.0.2.7",
        "app: failed to connect from 192.0.2.7 to 192.0.2.9",
        "app: password changed for anna from 192.0.2.7",
        "app: authentication failed",
        "app: from 12:30:45 on login is denied",
    ],
)
def test_what_reports_no_authentication_from_an_address_is_no_login(line: str) -> None:
    assert shipped().source(message(line)) is None


def test_one_attempt_that_dovecot_tells_in_two_lines_is_one_result() -> None:
    lines = (
        "auth-worker(24544): pam(anna,198.51.100.7): Password mismatch",
        "auth-worker(24544): sql(anna,198.51.100.7): unknown user",
        "imap-login: Disconnected (auth failed, 1 attempts in 6 secs): user=<anna>, method=PLAIN, rip=198.51.100.7, lip=10.0.0.5",
    )
    said = [message(f"Mar  2 09:00:00 mx dovecot: {line}") for line in lines]
    found = [source.fields(one.text) for one in said if (source := shipped().source(one))]
    assert [one.get("auth_result") for one in found] == [None, None, "failed"]
    assert {one["src_ip"] for one in found} == {"198.51.100.7"}


def _lines(name: str) -> list[str]:
    inputs = (CASES / name).glob("*/input.*")
    return [line for path in inputs for line in path.read_text("utf-8", errors="replace").splitlines() if line.strip()]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_grammar_takes_the_lines_of_its_cases(name: str) -> None:
    found = [shipped().source(message(line)) for line in _lines(name)]
    taken = [source.grammar.name for source in found if source is not None]
    assert taken.count(name) >= max(1, 0.6 * len(taken))


def test_no_line_is_recognised_by_two_grammars() -> None:
    ways = [
        (grammar, way) for grammar in map(read, sorted(folder("sources").glob("*.yml"))) if not grammar.general for way in grammar.recognise
    ]
    for name in NAMES:
        for line in _lines(name):
            said = message(line)
            program = said.program.lower()
            by_message = [(one.name, way) for one, way in ways if way.message and PatternSet([way.message]).first(said.text) == 0]
            for programs in (
                [one for one, way in by_message if program in way.programs],
                [one for one, way in by_message if not way.programs],
            ):
                assert len(set(programs)) <= 1, line


@pytest.mark.parametrize("name", NAMES)
def test_every_grammar_stands_in_the_list_of_what_is_read(name: str) -> None:
    assert f"| `{name}` |" in (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
