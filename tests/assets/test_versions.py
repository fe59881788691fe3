"""Versions are ordered as each kind of software orders them, or said not to be comparable."""

import itertools
import shutil
import subprocess
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.assets.versions import compare, upstream
from watchkeeper.model.asset import Scheme

DEBIAN = (
    "1.0", "1.0-1", "1.0~rc1-1", "1:0.5", "1.0.2k", "1.0.2zd", "1.0+dfsg-1", "1.0-1+deb11u5", "1.0-1+deb11u10", "2.36-9+deb12u4", "2.36-9",
    "1.2.3a", "1.2.3", "0", "00", "1.a", "1.+", "1.0~~", "1.0~", "1.0~a", "5.10.0-23", "1.10", "1.9", "1.0-1~bpo1", "0:1.0", "1.0-0",
)  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "older", "newer"),
    [
        ("deb", "1.0~rc1-1", "1.0-1"),
        ("deb", "1.0-1", "1:0.5-1"),
        ("deb", "1.0-1+deb11u5", "1.0-1+deb11u10"),
        ("deb", "1.0.2k", "1.0.2zd"),
        ("deb", "1.0a", "1.0+"),
        ("deb", "1.9", "1.10"),
        ("rpm", "5.5p1", "5.5p10"),
        ("rpm", "xyz.4", "8"),
        ("rpm", "6.0", "6.0.rc1"),
        ("rpm", "1.0~rc1", "1.0"),
        ("rpm", "1.0", "1.0^git1"),
        ("rpm", "1.0^git1", "1.0.1"),
        ("rpm", "1.1.1k-9.el8", "1.1.1k-12.el8_9"),
        ("rpm", "9.9-1", "1:0.1-1"),
        ("semver", "1.0.0-alpha", "1.0.0-alpha.1"),
        ("semver", "1.0.0-alpha.beta", "1.0.0-beta"),
        ("semver", "1.0.0-beta.2", "1.0.0-beta.11"),
        ("semver", "1.0.0-rc.1", "1.0.0"),
        ("semver", "1.9.9", "1.10.0"),
        ("pep440", "1.0.dev1", "1.0a1"),
        ("pep440", "1.0rc1", "1.0"),
        ("pep440", "1.0", "1.0.post1"),
        ("plain", "8u241", "8u251"),
        ("plain", "8.8.5", "8.8.5-04"),
        ("plain", "7.4.3", "7.4.3.12"),
        ("plain", "10.0.17763.999", "10.0.17763.1234"),
        ("plain", "1.0.0-rc.8", "1.0.0"),
        ("plain", "1.0b1", "1.0"),
        ("plain", "v1.2", "1.3"),
    ],
)
def test_the_older_comes_first(scheme: Scheme, older: str, newer: str) -> None:
    assert (compare(older, newer, scheme), compare(newer, older, scheme), compare(newer, newer, scheme)) == (-1, 1, 0)


@pytest.mark.parametrize(
    ("scheme", "one", "other"),
    [
        ("plain", "1.2", "1.2.0"),
        ("semver", "1.0.0+a", "1.0.0+b"),
        ("deb", "1.0", "0:1.0-0"),
        ("rpm", "1.0-1.el8", "1.0"),
        ("rpm", "2_0", "2.0"),
    ],
)
def test_what_is_written_otherwise_may_be_the_same(scheme: Scheme, one: str, other: str) -> None:
    assert compare(one, other, scheme) == 0


@pytest.mark.parametrize(
    ("scheme", "one", "other"),
    [
        ("plain", "Sonoma", "14.5"),
        ("plain", "11 build 106404", "11"),
        ("pep440", "1.0.2zd", "1.0"),
        ("plain", "", "1"),
        ("deb", "1", "9" * 300),
    ],
)
def test_what_cannot_be_compared_is_said(scheme: Scheme, one: str, other: str) -> None:
    assert compare(one, other, scheme) is None


@given(st.sampled_from(get_args(Scheme)), st.text("0123456789.-~+:^abrc_ué", max_size=30), st.text("0123456789.-~+:^abrc_ué", max_size=30))
def test_the_order_has_two_sides_for_any_text(scheme: Scheme, one: str, other: str) -> None:
    forth, back = compare(one, other, scheme), compare(other, one, scheme)
    assert (forth is None) == (back is None)
    assert forth is None or back is None or forth == -back


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="dpkg is not here to be compared with")
@pytest.mark.slow
def test_debians_order_is_dpkgs() -> None:
    for one, other in itertools.product(DEBIAN, DEBIAN):
        order = {-1: "lt", 0: "eq", 1: "gt"}[compare(one, other, "deb") or 0]
        assert subprocess.run(["dpkg", "--compare-versions", one, order, other], check=False).returncode == 0, (one, order, other)


@pytest.mark.parametrize(
    ("version", "scheme", "bare"),
    [
        ("1:2.36.1+dfsg-9+deb12u4", "deb", "2.36.1"),
        ("1.1.1k-12.el8_9", "rpm", "1.1.1k"),
        ("3.0", "deb", "3.0"),
        ("1:2-3", "plain", "1:2-3"),
    ],
)
def test_what_a_distribution_adds_is_taken_off(version: str, scheme: Scheme, bare: str) -> None:
    assert upstream(version, scheme) == bare
