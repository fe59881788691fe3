"""Passwords: how they are kept, and which are too easily guessed. Owns the parameters of Argon2id; who has which stands in the store.

Source: RFC 9106, section 4, second recommended option; NIST SP 800-63B-4, section 3.1.1, for length and refusal of common ones.
"""

import secrets
import unicodedata
from functools import cache
from importlib.resources import files
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

SHORTEST, LONGEST = 12, 256
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
"""64 MiB and three passes."""
_AT_ONCE = BoundedSemaphore(2)
"""Hashes at a time, so that attempts to sign in cannot take more than 128 MiB."""
_NOBODY = "nobody's"
_LEAST_LEFT = 6
_LIKE_LETTERS = str.maketrans("013457@$!", "oieastasi")


def hash_password(password: str) -> str:
    """Give what is kept of a password."""
    with _AT_ONCE:
        return _HASHER.hash(_plain(password))


def is_password(password: str, kept: str | None) -> bool:
    """Say whether a password is the one of a hash; without a hash it takes as long and is never."""
    hashed = kept or _hash_of_nobody()
    with _AT_ONCE:
        try:
            _HASHER.verify(hashed, _plain(password[: LONGEST + 1]))
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
    return kept is not None and len(password) <= LONGEST


def is_dated(kept: str) -> bool:
    """Say whether a hash was made with other parameters than today's, so that it has to be made again while the password is at hand."""
    return _HASHER.check_needs_rehash(kept)


def new_password() -> str:
    """Make a password that cannot be guessed: 120 random bits."""
    return secrets.token_urlsafe(15)


def checked_password(password: str, login: str) -> str:
    """Give the password if it is hard enough to guess.

    Raises:
        ValueError: it is too short or too long, or little is in it besides common words, the login, and runs and repeats of characters.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters; a few words that nobody would put together make a good one")
    if len(_uncommon(_plain(password), login)) < _LEAST_LEFT:
        raise ValueError("this password is among the first that are guessed: common words, the login, or one character after another")
    return password


def _uncommon(password: str, login: str) -> str:
    """Give what is left of a password without what everybody tries; different characters only."""
    left = password.casefold()
    for form in (left, left.translate(_LIKE_LETTERS)):
        stripped = form
        for word in (login.casefold(), *_common()):
            stripped = stripped.replace(word, "\0") if len(word) > 2 else stripped
        left = min(left, _without_runs(stripped), key=len)
    return "".join(sorted(set(left)))


def _without_runs(text: str) -> str:
    """Leave out characters that follow from the one before: the same, the next or the previous one."""
    kept = [now for before, now in zip(" " + text, text, strict=False) if abs(ord(now) - ord(before)) > 1]
    return "".join(kept).replace("\0", "")


@cache
def _common() -> tuple[str, ...]:
    words = files("watchkeeper.content").joinpath("access", "common-passwords.txt").read_text("utf-8").split()
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


@cache
def _hash_of_nobody() -> str:
    return hash_password(_NOBODY + secrets.token_hex(8))


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
