r"""The shape of JSON: quotes, numbers and words, without decoding anything. Owns what is plain enough for the walk.

bytes    {"A\"":"C:\\","N":-1.5}\n
marks     ^  |  ^ ^    ^ ^ ^       ^        an escaped quote is none; the line feed is one, wherever it stands
"""

from numba import njit

from watchkeeper.jsonlines.kernels_hash import ONE, ZERO, U, equal_bytes, load8, load32, load64, lowest

_EVEN = U(0x5555555555555555)
_SLASHES = U(0x5C5C5C5C5C5C5C5C)
_LOW, _HIGH = U(0x0101010101010101), U(0x8080808080808080)


@njit(inline="always")
def _hexadecimal(c):
    return U(48) <= c <= U(57) or U(65) <= c <= U(70) or U(97) <= c <= U(102)


@njit(nogil=True, cache=True)
def marks(base, size, found):
    """List the places of quotes that are not escaped, of line feeds, and of escapes that JSON does not have; give how many.

    The 64 bytes behind `size` must be readable and zero. Source: Langdale and Lemire, "Parsing Gigabytes of JSON per Second" (escapes).
    """
    count = 0
    carry = ZERO
    at = ZERO
    while at < size:
        here = base + at
        slashes = equal_bytes(here, U(92))
        marked = equal_bytes(here, U(34))
        feeds = equal_bytes(here, U(10))
        if slashes != ZERO or carry != ZERO:
            begin = slashes & ~carry
            follows = (begin << ONE) | carry
            odd_starts = begin & ~_EVEN & ~follows
            even = odd_starts + begin
            carry = ONE if even < odd_starts else ZERO
            escaped = (_EVEN ^ (even << ONE)) & follows
            units = equal_bytes(here, U(117)) & escaped
            known = units | marked | slashes | equal_bytes(here, U(47)) | equal_bytes(here, U(98)) | equal_bytes(here, U(102))
            known |= equal_bytes(here, U(110)) | equal_bytes(here, U(114)) | equal_bytes(here, U(116))
            bad = escaped & ~known
            while units != ZERO:
                unit = lowest(units)
                for digit in range(1, 5):
                    if not _hexadecimal(load8(here + unit + U(digit))):
                        bad |= ONE << unit
                units &= units - ONE
            marked = (marked & ~escaped) | bad
        marked |= feeds
        while marked != ZERO:
            found[count] = at + lowest(marked)
            count += 1
            marked &= marked - ONE
        at += U(64)
    return count


@njit(inline="always")
def plain_key(address, size):
    """Say whether a key has no escapes."""
    at = ZERO
    while at < size:
        word = load64(address + at) ^ _SLASHES
        if size - at < U(8):
            word |= ~ZERO << ((size - at) << U(3))
        if (word - _LOW) & ~word & _HIGH != ZERO:
            return False
        at += U(8)
    return True


@njit(inline="always")
def number_end(base, at):
    """Give the end of a number that is written as Python would write it, or has a fraction and no exponent; 0 for any other."""
    start = at
    if load8(base + at) == U(45):
        at += ONE
    first = at
    while U(48) <= load8(base + at) <= U(57):
        at += ONE
    whole = at - first
    if whole == ZERO or whole > U(300) or (whole > ONE and load8(base + first) == U(48)):
        return ZERO
    c = load8(base + at)
    if c == U(46):
        at += ONE
        fraction = at
        while U(48) <= load8(base + at) <= U(57):
            at += ONE
        if at == fraction:
            return ZERO
        c = load8(base + at)
    elif first != start and load8(base + first) == U(48):
        return ZERO
    return at if c == U(44) or c == U(125) or c == U(93) or c == U(32) or c == U(10) or c == U(13) or c == U(9) else ZERO


@njit(inline="always")
def word_end(base, at):
    """Give the end of true, false or null; 0 for anything else."""
    word = load32(base + at)
    if word == U(0x65757274) or word == U(0x6C6C756E):
        return at + U(4)
    if word == U(0x736C6166) and load8(base + at + U(4)) == U(101):
        return at + U(5)
    return ZERO


@njit(inline="always")
def _varies(c):
    """Say whether what is escaped so may also be written otherwise."""
    return c == U(117) or c == U(47)


@njit(nogil=True, cache=True)
def alike(one, size, other, other_size):
    """Compare two values in JSON without regard to case; 1 if they are alike, 0 if not, 2 if only the reference can say."""
    differ = size != other_size
    at = ZERO
    while at < size or at < other_size:
        a = load8(one + at) if at < size else ZERO
        b = load8(other + at) if at < other_size else ZERO
        if (
            a >= U(128)
            or b >= U(128)
            or (a == U(92) and _varies(load8(one + at + ONE)))
            or (b == U(92) and _varies(load8(other + at + ONE)))
        ):
            return 2
        if U(65) <= a <= U(90):
            a |= U(32)
        if U(65) <= b <= U(90):
            b |= U(32)
        differ = differ or a != b
        at += ONE
    return 0 if differ else 1
