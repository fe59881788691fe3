"""Questions about one line: whether a text is one of some, who says a native field, what a message tells. Owns no arrays."""

import numpy as np
from numba import njit

from watchkeeper.jsonlines.kernels_hash import ONE, ZERO, U, equal_bytes, hashed, load8, lowest, place, store8
from watchkeeper.jsonlines.kernels_text import GIVEN, NONE, UNSURE

_COLON = U(58)
NOT_TOLD = 8
"""Flag of a name that a message must not tell, for it decides what the event is, or when."""
NO_SPACE = 3
"""What became of a value that no longer finds room."""


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


@njit(nogil=True, cache=True)
def digests(address, size, several, to, room, ends, first, count):
    """Write hashes in lower case, without the algorithm in front of each; what an event says twice is written once.

    Args:
        address, size: `MD5=AB,SHA256=CD`, or one of them. several: whether commas part them.
        to, room: where elements are written, and how much there is.
        ends, first, count: where each element ends; which is the event's first, and how many there are.

    Returns:
        What became of the value, and how many elements there are now.
    """
    for n in range(np.int64(size)):
        c = load8(address + U(n))
        if c < U(32) or c >= U(127) or c == U(92):
            return UNSURE, count
    begun = count
    start = ZERO
    while start <= size:
        end = start
        while end < size and not (several and load8(address + end) == U(44)):
            end += ONE
        last = end
        while last > start and load8(address + last - ONE) == U(32):
            last -= ONE
        at = last
        while at > start and load8(address + at - ONE) != U(61):
            at -= ONE
        while at == start and at < last and load8(address + at) == U(32):
            at += ONE
            start = at
        if at < last:
            if count + 1 >= ends.shape[0] or U(ends[count]) + (last - at) > room:
                return NO_SPACE, begun
            fill = U(ends[count])
            for n in range(np.int64(last - at)):
                c = load8(address + at + U(n))
                store8(to + fill + U(n), c | U(32) if U(65) <= c <= U(90) else c)
            if not _written(to, ends, first, count, last - at):
                count += 1
                ends[count] = np.int64(fill + (last - at))
        start = end + ONE
    return GIVEN if count > begun else NONE, count


@njit(nogil=True, cache=True)
def _written(to, ends, first, count, size):
    """Say whether what stands behind the last element is one of the event's already."""
    fill = U(ends[count])
    for one in range(first, count):
        begin, end = U(ends[one]), U(ends[one + 1])
        if end - begin == size:
            alike = True
            for n in range(np.int64(size)):
                if load8(to + begin + U(n)) != load8(to + fill + U(n)):
                    alike = False
                    break
            if alike:
                return True
    return False


@njit(inline="always")
def _letter(c):
    return U(65) <= c <= U(90) or U(97) <= c <= U(122) or U(48) <= c <= U(57) or c == U(95)


@njit(nogil=True, cache=True)
def told(base, address, size, secret, names, name_values, seen, begins, sizes, number):
    """Take the fields that only a rendered message tells, each on a line as `Name: value`; false if only the readers can.

    Args:
        base: what places are counted from. address, size: the message, with its escapes.
        secret, names, name_values: see `events`; it tells members of the outermost object.
        seen, begins, sizes, number: in and out: which keys the line has, and where their values stand.
    """
    at = ZERO
    while at < size:
        start = at
        c = load8(address + at)
        if U(65) <= c <= U(90):
            at += ONE
            while at < size and _letter(load8(address + at)):
                at += ONE
        name_end = at
        value = ZERO
        if name_end > start + ONE and at < size and load8(address + at) == U(58):
            at += ONE
            if at < size and load8(address + at) == U(32):
                at += ONE
            value = at
        ended = False
        parted = False
        end = size
        while at < size and not parted:
            c = load8(address + at)
            if c < U(32) or (c >= U(128) and at == name_end):
                return False
            if c == U(92):
                letter = load8(address + at + ONE)
                if letter == U(117) and load8(address + at + U(2)) == U(48) and load8(address + at + U(3)) == U(48):
                    return False  # an ASCII character in a notation of its own
                if letter == U(117) and at == name_end:
                    return False
                if (letter == U(110) or letter == U(114)) and not ended:
                    end = at
                    ended = True
                parted = letter == U(110)
                at += ONE
            at += ONE
        if value == ZERO:
            continue
        h0, h1 = hashed(address + start, name_end - start, ONE, secret)
        one = place(names, h0, h1)
        if names[one, 0] == ZERO:
            continue
        if name_values[one, 2] & NOT_TOLD:
            return False
        key = np.int64(name_values[one, 0])
        if key >= 0 and seen[key] != number:
            seen[key], begins[key], sizes[key] = number, address + value - base, end - value
    return True
