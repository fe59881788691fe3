"""Codes as RFC 6238 gives them, each once, within half a minute of now."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from pyotp.totp import TOTP

from watchkeeper.access.second_factor import new_factor, new_recovery_codes, recovery_digest, recovery_of, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()
PUBLISHED = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"}
"""The last six digits of the SHA-1 values of RFC 6238, appendix B."""


@pytest.mark.parametrize(("seconds", "code"), PUBLISHED.items())
def test_codes_are_those_that_were_published(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert step_of(code, SECRET, now, 0) == seconds // 30
    assert step_of(f"{code[:3]} {code[3:]}", SECRET, now, 0) == seconds // 30
    assert step_of(code, SECRET, now, seconds // 30) is None, "it was used"


def test_a_code_holds_one_period_before_and_after_its_own() -> None:
    secret, now = new_factor(), datetime(2026, 11, 26, tzinfo=UTC)
    taken = [step_of(TOTP(secret).at(now + timedelta(seconds=30 * away)), secret, now, 0) is not None for away in range(-3, 4)]
    assert taken == [False, False, True, True, True, False, False]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "１２３４５６", "12345a", "-12345", "\0" * 6])
def test_what_is_no_code_is_none(code: str) -> None:
    assert step_of(code, SECRET, datetime(2026, 11, 26, tzinfo=UTC), 0) is None


def test_recovery_codes_are_known_however_they_are_typed() -> None:
    codes = new_recovery_codes()
    kept = [recovery_digest(code) for code in codes]
    assert len(set(kept)) == 10
    assert recovery_of(f" {codes[3].lower().replace('-', ' ')} ", kept) == kept[3]
    assert recovery_of("AAAA-AAAA-AAAA-AAAA", kept) is None
    assert not any(code.replace("-", "") in digest.upper() for code in codes for digest in kept)
