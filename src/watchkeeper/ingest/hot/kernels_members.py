"""Questions about one line: whether a text is one of some, who says a native field, what a message tells. Owns no arrays."""

import numpy as np
from numba import njit

from watchkeeper.jsonlines.kernels_hash import ONE, ZERO, U, equal_bytes, load8, lowest

_COLON = U(58)


@njit(inline="always")
def is_text(address, size, words, words_at, first, last):
    """Say whether bytes are one of some texts."""
    for one in range(first, last):
        begin, end = words_at[one], words_at[one + 1]
        if end - begin == np.int64(size):
            alike = True
            for n in range(end - begin):
                if load8(address + U(n)) != U(words[begin + n]):
                    alike = False
                    break
            if alike:
                return True
    return False


@njit(inline="always")
def stands_for_nothing(address, size, words, words_at, nothing):
    """Say whether a text stands for no value."""
    return size <= U(8) and is_text(address, size, words, words_at, nothing[0], nothing[1])


@njit(nogil=True, cache=True)
def says(address, size, words, words_at, word):
    """Say whether a word that ends in `: ` begins a line of an escaped text."""
    begin, end = words_at[word], words_at[word + 1]
    length = U(end - begin)
    at = ZERO
    while at < size:
        colons = equal_bytes(address + at, _COLON)
        while colons != ZERO:
            here = at + lowest(colons)
            colons &= colons - ONE
            if here + U(2) > size or here + U(2) < length + U(2):
                continue
            start = here + U(2) - length
            before = load8(address + start - ONE) | U(32)
            alike = before == U(110) or before == U(97)  # a line feed is written with either at its end
            for n in range(end - begin):
                if load8(address + start + U(n)) != U(words[begin + n]):
                    alike = False
                    break
            if alike:
                return True
        at += U(64)
    return False


@njit(nogil=True, cache=True)
def has_dot(address, size):
    """Say whether a name has a dot."""
    at = ZERO
    while at < size:
        if load8(address + at) == U(46):
            return True
        at += ONE
    return False


@njit(inline="always")
def present(native, natives_at, native_keys, seen, number):
    """Give the key that says what a native field is in this line; -1 if none does."""
    for at in range(natives_at[native], natives_at[native + 1]):
        if seen[native_keys[at]] == number:
            return native_keys[at]
    return -1


@njit(nogil=True, cache=True)
def are_single(natives, natives_at, native_keys, seen, number):
    """Say whether none of some native fields is said twice."""
    for native in natives:
        many = 0
        for at in range(natives_at[native], natives_at[native + 1]):
            many += seen[native_keys[at]] == number
        if many > 1:
            return False
    return True
