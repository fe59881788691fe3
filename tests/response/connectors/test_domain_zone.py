"""The zone of refused names: names are canonical, what two jobs want stays for the second, and nobody else's zone is read as ours."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.response.connectors.domain_zone import Refused, canonical, read, spared_by, written

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ZONE = "rpz.watchkeeper"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Evil.Example.", "evil.example"), ("bücher.example", "xn--bcher-kva.example"), ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("_dmarc.evil.example", "_dmarc.evil.example"), ("a-b.c", "a-b.c"), ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("example.co.uk", "example.co.uk"),
    ],
)  # fmt: skip
def test_a_name_has_one_form(text: str, name: str) -> None:
    assert canonical(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "com", "co.uk", "com.au", "9.113.0.203.in-addr.arpa", "203.0.113.9", "a..b", "-a.example", "a b.example", "a\n.example",
        "*.example.org", "a;b.example", 'a".example', "x" * 64 + ".example", ".".join(["abcdefgh"] * 30), "straße.example",
        "evil.example\\000", "\x00.example",
    ],
)  # fmt: skip
def test_what_is_no_name_or_everybodys_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be a name|everybody has names|two ways"):
        canonical(text)


NAMES = st.sampled_from(["evil.example", "b.evil.example", "other.example"])
JOBS = st.builds(Refused, st.sampled_from(["a" * 32, "b" * 32]), NAMES, st.booleans(), st.sampled_from([None, LATER]))


@given(st.sets(JOBS))
def test_what_was_written_is_read_again(jobs: set[Refused]) -> None:
    assert set(read(written(jobs, ZONE, NOW))) == jobs
    assert set(read(written(jobs, ZONE, LATER))) == {one for one in jobs if one.until is None}


def test_records_follow_from_jobs() -> None:
    text = written([Refused("a" * 32, "evil.example", True, LATER), Refused("b" * 32, "evil.example", False, None)], ZONE, NOW)
    assert text.splitlines()[-4:] == [
        f'{"a" * 32}.job.rpz.watchkeeper TXT "in force"', f'{"b" * 32}.job.rpz.watchkeeper TXT "in force"', "*.evil.example CNAME .",
        "evil.example CNAME .",
    ]  # fmt: skip


def test_what_somebody_else_wrote_is_not_read() -> None:
    assert read("") == ()
    with pytest.raises(ValueError, match="give it a zone of its own"):
        read("$TTL 60\nevil.example CNAME .\n")
    with pytest.raises(ValueError, match="a line of it is not as Watchkeeper writes it"):
        read(written([], ZONE, NOW) + ";job x exact - evil.example\n")


def test_names_that_are_never_refused_keep_those_over_them_too() -> None:
    never = ("www.corp.example",)
    assert spared_by(Refused("a" * 32, "x.www.corp.example", False, None), never) == "www.corp.example"
    assert spared_by(Refused("a" * 32, "corp.example", True, None), never) == "www.corp.example"
    assert spared_by(Refused("a" * 32, "corp.example", False, None), never) is None
    assert spared_by(Refused("a" * 32, "notwww.corp.example", False, None), never) is None
