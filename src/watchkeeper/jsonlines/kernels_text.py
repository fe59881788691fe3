r"""Texts, whole numbers and times within JSON: copied, unescaped, parsed. Owns nothing but bytes.

Who copies has 64 bytes to spare behind the destination, and 64 readable ones behind the source.
"""

import numpy as np
from numba import njit

from watchkeeper.jsonlines.kernels_hash import ONE, ZERO, U, equal_bytes, load8, load64, lowest, move64, store8

NONE, GIVEN, UNSURE = 0, 1, 2
"""What became of a value: it says nothing, it was given, or only the readers can tell."""
_HIGH = U(0x8080808080808080)
_SLASH = U(92)
_DAYS_TO_1970 = 719_468
_BLOCK = U(64)


@njit(inline="always")
def copy(to, address, size):
    """Copy bytes."""
    at = ZERO
    while at < size:
        move64(to + at, address + at)
        at += _BLOCK


@njit(nogil=True, cache=True)
def is_ascii(address, size):
    """Say whether no byte is above 127."""
    at = ZERO
    while at + U(8) <= size:
        if load64(address + at) & _HIGH != ZERO:
            return False
        at += U(8)
    while at < size:
        if load8(address + at) >= U(128):
            return False
        at += ONE
    return True


@njit(nogil=True, cache=True)
def _goes_on(address, at, size, many):
    if at + many >= size:
        return False
    for n in range(1, np.int64(many) + 1):
        if load8(address + at + U(n)) & U(0xC0) != U(0x80):
            return False
    return many > ZERO


@njit(nogil=True, cache=True)
def is_utf8(address, size):
    """Say whether bytes are UTF-8. Source: RFC 3629, section 4."""
    at = ZERO
    while at < size:
        c = load8(address + at)
        if c < U(0x80):
            at += ONE
            continue
        second = load8(address + at + ONE) if at + ONE < size else ZERO
        if U(0xC2) <= c <= U(0xDF):
            many = U(1)
        elif U(0xE0) <= c <= U(0xEF):
            many = U(2)
            if (c == U(0xE0) and second < U(0xA0)) or (c == U(0xED) and second > U(0x9F)):
                return False
        elif U(0xF0) <= c <= U(0xF4):
            many = U(3)
            if (c == U(0xF0) and second < U(0x90)) or (c == U(0xF4) and second > U(0x8F)):
                return False
        else:
            return False
        if not _goes_on(address, at, size, many):
            return False
        at += many + ONE
    return True


@njit(nogil=True, cache=True)
def _digit(address):
    c = load8(address)
    return c - U(48) if U(48) <= c <= U(57) else U(99)


@njit(nogil=True, cache=True)
def _hex(c):
    if U(48) <= c <= U(57):
        return c - U(48)
    c |= U(32)
    return c - U(87) if U(97) <= c <= U(102) else U(99)


@njit(nogil=True, cache=True)
def _unit(address):
    found = ZERO
    for n in range(4):
        found = (found << U(4)) | _hex(load8(address + U(n)))
    return found


@njit(nogil=True, cache=True)
def _encoded(to, point):
    """Write a character as UTF-8 and give its bytes."""
    if point < U(0x80):
        store8(to, point)
        return ONE
    if point < U(0x800):
        store8(to, U(0xC0) | (point >> U(6)))
        store8(to + ONE, U(0x80) | (point & U(63)))
        return U(2)
    if point < U(0x10000):
        store8(to, U(0xE0) | (point >> U(12)))
        store8(to + ONE, U(0x80) | ((point >> U(6)) & U(63)))
        store8(to + U(2), U(0x80) | (point & U(63)))
        return U(3)
    store8(to, U(0xF0) | (point >> U(18)))
    store8(to + ONE, U(0x80) | ((point >> U(12)) & U(63)))
    store8(to + U(2), U(0x80) | ((point >> U(6)) & U(63)))
    store8(to + U(3), U(0x80) | (point & U(63)))
    return U(4)


@njit(nogil=True, cache=True)
def _short(c):
    """Give what stands for a character after a backslash; 0 if it is none of those with one letter."""
    if c == U(110):
        return U(10)
    if c == U(114):
        return U(13)
    if c == U(116):
        return U(9)
    if c == U(98):
        return U(8)
    if c == U(102):
        return U(12)
    return c if c == U(34) or c == _SLASH or c == U(47) else ZERO


@njit(nogil=True, cache=True)
def unescape(to, address, size):
    """Copy a text of JSON without its escapes and give its bytes; -1 where it has a surrogate that stands alone, or no escape of JSON's."""
    at = ZERO
    end = to
    while at < size:
        many = min(_BLOCK, size - at)
        move64(end, address + at)
        slashes = equal_bytes(address + at, _SLASH)
        plain = lowest(slashes) if slashes != ZERO else _BLOCK
        if plain >= many:
            end += many
            at += many
            continue
        end += plain
        at += plain + ONE
        if at >= size:
            return -1
        c = load8(address + at)
        if c != U(117):
            short = _short(c)
            if short == ZERO:
                return -1
            store8(end, short)
            end += ONE
            at += ONE
            continue
        if at + U(5) > size:
            return -1
        point = _unit(address + at + ONE)
        at += U(5)
        if U(0xDC00) <= point <= U(0xDFFF):
            return -1
        if U(0xD800) <= point <= U(0xDBFF):
            if at + U(6) > size or load8(address + at) != _SLASH or load8(address + at + ONE) != U(117):
                return -1
            low = _unit(address + at + U(2))
            if low < U(0xDC00) or low > U(0xDFFF):
                return -1
            point = U(0x10000) + ((point - U(0xD800)) << U(10)) + (low - U(0xDC00))
            at += U(6)
        end += _encoded(end, point)
    return np.int64(end - to)


@njit(nogil=True, cache=True)
def has_unicode_escape(address, size):
    """Say whether a character is written by its number."""
    at = ZERO
    while at + ONE < size:
        if load8(address + at) == _SLASH:
            if load8(address + at + ONE) == U(117):
                return True
            at += ONE
        at += ONE
    return False


@njit(nogil=True, cache=True)
def account_start(address, size):
    r"""Give where the account of an escaped `DOMAIN\\account` begins, 0 if no domain is there; -1 if only the readers can tell."""
    at = size
    while at > ZERO:
        at -= ONE
        if load8(address + at) == _SLASH:
            run = ONE
            while run <= at and load8(address + at - run) == _SLASH:
                run += ONE
            return np.int64(at + ONE) if run & ONE == ZERO else -1
    return 0


@njit(nogil=True, cache=True)
def integer(address, size):
    """Read a whole number, decimal or after `0x`; of one with a fraction, what stands before the point. Gives what became of it, and it."""
    at = ZERO
    if size > U(2) and load8(address) == U(48) and load8(address + ONE) | U(32) == U(120):
        if size > U(17):
            return NONE, 0
        total = ZERO
        at = U(2)
        while at < size:
            one = _hex(load8(address + at))
            if one > U(15):
                return UNSURE if load8(address + at) >= U(128) or load8(address + at) == _SLASH else NONE, 0
            total = (total << U(4)) | one
            at += ONE
        return GIVEN, np.int64(total)
    minus = size > ZERO and load8(address) == U(45)
    if minus:
        at += ONE
    first = at
    total = ZERO
    while at < size and _digit(address + at) < U(10) and at - first < U(18):
        total = total * U(10) + _digit(address + at)
        at += ONE
    whole = at - first
    if at < size and load8(address + at) == U(46):
        at += ONE
        fraction = at
        while at < size and _digit(address + at) < U(10) and at - fraction < U(12):
            at += ONE
        if at == fraction:
            whole = ZERO
    if at < size:
        while at < size:
            if load8(address + at) >= U(128) or load8(address + at) == _SLASH:
                return UNSURE, 0
            at += ONE
        return NONE, 0
    if whole == ZERO:
        return NONE, 0
    return GIVEN, -np.int64(total) if minus else np.int64(total)


@njit(nogil=True, cache=True)
def is_plain_ipv4(address, size):
    """Say whether it is four numbers up to 255 without zeros in front."""
    if size < U(7) or size > U(15):
        return False
    at = ZERO
    for part in range(4):
        first = at
        total = ZERO
        while at < size and _digit(address + at) < U(10) and at - first < U(3):
            total = total * U(10) + _digit(address + at)
            at += ONE
        if at == first or total > U(255) or (at - first > ONE and load8(address + first) == U(48)):
            return False
        if part < 3:
            if at >= size or load8(address + at) != U(46):
                return False
            at += ONE
    return at == size


@njit(nogil=True, cache=True)
def _two(address):
    return _digit(address) * U(10) + _digit(address + ONE)


@njit(nogil=True, cache=True)
def _days(year, month, day):
    """Count the days since 1970. Source: Hinnant, "chrono-Compatible Low-Level Date Algorithms"."""
    year -= 1 if month <= 2 else 0
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _DAYS_TO_1970


@njit(nogil=True, cache=True)
def _last_day(year, month):
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31


@njit(nogil=True, cache=True)
def moment(address, size):
    """Read `2020-09-01T10:00:00.123Z`, also with a blank, without the fraction, with an offset or with neither.

    Gives whether it is one, and µs since 1970; digits beyond µs are cut off. Source: RFC 3339.
    """
    if size < U(19) or size > U(40):
        return False, 0
    for n in range(19):
        c = load8(address + U(n))
        if n == 4 or n == 7:
            if c != U(45):
                return False, 0
        elif n == 10:
            if c != U(84) and c != U(32):
                return False, 0
        elif n == 13 or n == 16:
            if c != U(58):
                return False, 0
        elif c < U(48) or c > U(57):
            return False, 0
    year = np.int64(_two(address) * U(100) + _two(address + U(2)))
    month, day = np.int64(_two(address + U(5))), np.int64(_two(address + U(8)))
    hour, minute, second = np.int64(_two(address + U(11))), np.int64(_two(address + U(14))), np.int64(_two(address + U(17)))
    if year < 1000 or year > 9000 or month < 1 or month > 12 or day < 1 or hour > 23 or minute > 59 or second > 59:
        return False, 0
    if day > _last_day(year, month):
        return False, 0
    at = U(19)
    micros = 0
    if at < size and load8(address + at) == U(46):
        at += ONE
        first = at
        while at < size and _digit(address + at) < U(10):
            if at - first < U(6):
                micros = micros * 10 + np.int64(_digit(address + at))
            at += ONE
        if at == first:
            return False, 0
        many = at - first
        while many < U(6):
            micros *= 10
            many += ONE
    shift = 0
    if at < size:
        c = load8(address + at)
        if c == U(90):
            at += ONE
        elif c == U(43) or c == U(45):
            if at + U(6) != size or load8(address + at + U(3)) != U(58):
                return False, 0
            for n in (1, 2, 4, 5):
                if _digit(address + at + U(n)) > U(9):
                    return False, 0
            hours, minutes = np.int64(_two(address + at + ONE)), np.int64(_two(address + at + U(4)))
            if hours > 23 or minutes > 59:
                return False, 0
            shift = hours * 60 + minutes
            if c == U(45):
                shift = -shift
            at += U(6)
    if at != size:
        return False, 0
    seconds = ((_days(year, month, day) * 24 + hour) * 60 + minute - shift) * 60 + second
    return True, seconds * 1_000_000 + micros
