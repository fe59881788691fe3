r"""Which literals stand in a value: unescaping and folding it, then finding the literals. Owns no test's meaning; `matching` does.

value   "C:\\Temp\\\u0041.EXE"  ──►  text  c:\temp\a.exe         unescaped, folded, UTF-8 (a lone surrogate as three bytes)
text    at each place, the next 4 (3, 2, 1) bytes  ──key──►  bitmap: 1 bit in 64  ──►  bucket  ──►  entries  ──►  compare the bytes
entry   key | begin in `letters`, size, place of the gram in the literal, atom, bit, where the literal must stand
atom    holds, or is worth asking, when all bits it needs were found and the text is long enough
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from watchkeeper.jsonlines.kernels_hash import ONE, ZERO, U, load8, load64, lowest

(
    BITS, BITS_SHIFT, BUCKETS, BUCKETS_SHIFT, SHORT, ALWAYS, ALWAYS_END, ODD, ODD_END, EMPTY, EMPTY_END,
    NUMBERS, NUMBERS_END, NETWORKS, NETWORKS_END, ASKS_NUMBER, ASKS_ADDRESS, SIZE, COLUMNS,
) = range(19)  # fmt: skip
"""Columns of a field's header: begin and end of its parts in the arenas, shifts that give a key's place there, and what has to be asked."""
ASK_ADDRESS, ASK_NUMBER = -1, -2
"""What is asked of a value beside single atoms."""
ANYWHERE, AT_START, AT_END, WHOLE = 0, 1, 2, 3
"""Where a literal must stand: bits for the start and the end."""
FOLDED, AUTOMATON = 4, 256 + 64 + 3
"""Beside those: whether an automaton reads the folded text; words of an automaton, see `automata`."""
_K1, _K3 = U(0x9E3779B97F4A7C15), U(0x165667B19E3779F9)
_EACH, _HIGH = U(0x0101010101010101), U(0x8080808080808080)
_BACKSLASHES = _EACH * U(92)
_FROM_A, _AFTER_Z = _EACH * U(0x80 - 65), _EACH * U(0x80 - 91)
_EIGHT = U(8)
_ALL = U(0xFFFFFFFFFFFFFFFF)
_MOST_DIGITS, _MOST_HEX = 15, 12


@intrinsic
def _store64(_: Any, address: Any, word: Any) -> Any:
    """Write a word of eight bytes at an address; nobody checks that it may be written."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.PointerType(ir.IntType(64)))
        builder.store(arguments[1], pointer).align = 1
        return arguments[1]

    return types.uint64(types.uint64, types.uint64), generate


@njit(inline="always")
def _low(word, size):
    """Keep the first `size` bytes of a word, 1 to 8."""
    return word & (_ALL >> ((_EIGHT - size) << U(3)))


@njit(inline="always")
def _gram_key(gram, width):
    return (gram + width * _K3) * _K1


@njit(nogil=True, cache=True)
def keys_of(letters, begins, sizes, places):
    """Give the key of each literal: of its gram at `places`; `letters` is an address, and 8 readable bytes must follow the last."""
    keys = np.empty(begins.shape[0], np.uint64)
    base = U(letters)
    for k in range(begins.shape[0]):
        width = U(min(sizes[k], 4))
        keys[k] = _gram_key(_low(load64(base + U(begins[k] + places[k])), width), width)
    return keys


@njit(inline="always")
def _put(code, folds, out, n):
    """Write a code point, folded, as UTF-8; give where the next one goes."""
    if code == 0x130:
        out[n] = 105
        n += 1
        code = 0x307
    elif code < folds.shape[0]:
        code = np.int64(folds[code])
    if code < 0x80:
        out[n] = code
        return n + 1
    if code < 0x800:
        out[n] = 0xC0 | code >> 6
        out[n + 1] = 0x80 | code & 63
        return n + 2
    if code < 0x10000:
        out[n] = 0xE0 | code >> 12
        out[n + 1] = 0x80 | code >> 6 & 63
        out[n + 2] = 0x80 | code & 63
        return n + 3
    out[n] = 0xF0 | code >> 18
    out[n + 1] = 0x80 | code >> 12 & 63
    out[n + 2] = 0x80 | code >> 6 & 63
    out[n + 3] = 0x80 | code & 63
    return n + 4


@njit(inline="always")
def _is_odd(code):
    """Say whether regular expressions take the letter for an ASCII one where case does not matter."""
    return code == 0x130 or code == 0x131 or code == 0x17F or code == 0x212A


@njit(inline="always")
def _sequence(address, left):
    """Decode a sequence of UTF-8 that begins with a byte over 127; give code point and bytes; U+FFFD for the longest wrong part."""
    lead = np.int64(load8(address))
    if lead < 0xC2 or lead > 0xF4:
        return np.int64(0xFFFD), np.int64(1)
    more = 1 if lead < 0xE0 else (2 if lead < 0xF0 else 3)
    code = lead & (0x3F >> more)
    least = 0xA0 if lead == 0xE0 else (0x90 if lead == 0xF0 else 0x80)
    most = 0x9F if lead == 0xED else (0x8F if lead == 0xF4 else 0xBF)
    for k in range(1, more + 1):
        byte = np.int64(load8(address + U(k))) if k < left else 0
        if byte < least or byte > most:
            return np.int64(0xFFFD), np.int64(k)
        least, most = 0x80, 0xBF
        code = code << 6 | byte & 63
    return code, np.int64(more + 1)


@njit(inline="always")
def _four(address, left):
    """Read four hexadecimal digits; -1 if they are not that."""
    if left < 4:
        return -1
    code = 0
    for k in range(4):
        byte = np.int64(load8(address + U(k)))
        if 48 <= byte <= 57:
            digit = byte - 48
        elif 97 <= byte | 32 <= 102:
            digit = (byte | 32) - 87
        else:
            return -1
        code = code << 4 | digit
    return code


@njit(inline="always")
def _simple_escape(byte):
    """Give what a backslash and this letter stand for; -1 if nothing."""
    if byte == 34 or byte == 47 or byte == 92:
        return byte
    if byte == 110:
        return 10
    if byte == 114:
        return 13
    if byte == 116:
        return 9
    if byte == 98:
        return 8
    return 12 if byte == 102 else -1


@njit(inline="always")
def _escape(address, left):
    """Read an escape after its backslash; give code point (-1 if there is no such escape) and bytes."""
    if left < 1:
        return np.int64(-1), np.int64(0)
    byte = np.int64(load8(address))
    if byte != 117:
        return np.int64(_simple_escape(byte)), np.int64(1)
    code = _four(address + ONE, left - 1)
    if 0xD800 <= code < 0xDC00 and left >= 11 and load8(address + U(5)) == U(92) and load8(address + U(6)) == U(117):
        low = _four(address + U(7), left - 7)
        if 0xDC00 <= low < 0xE000:
            return np.int64(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), np.int64(11)
    return np.int64(code), np.int64(5)


@njit(nogil=True, cache=True)
def folded_text(address, size, form, folds, out):
    """Write a value unescaped (form 1) and, if there are `folds`, folded; reads up to 8 bytes beyond it, may write 3 * size + 64.

    Returns:
        Bytes written, or -1 for an escape that JSON does not have; whether it has a letter that some take for an ASCII one; whether
        it is ASCII.
    """
    to = U(out.ctypes.data)
    at, n, odd, plain = 0, 0, False, True
    while at < size:
        word = load64(address + U(at))
        special = word & _HIGH
        if form == 1:
            other = word ^ _BACKSLASHES
            special |= (other - _EACH) & ~other & _HIGH
        left = size - at
        if left < 8:
            special |= U(0x80) << U(8 * left)
        low = word & ~_HIGH
        upper = ((low + _FROM_A) & ~(low + _AFTER_Z)) & _HIGH & ~word
        _store64(to + U(n), word | (upper >> U(2)) if folds.shape[0] else word)
        clean = 8 if special == ZERO else np.int64(lowest(special) >> U(3))
        at += clean
        n += clean
        if clean == 8 or at >= size:
            continue
        if load8(address + U(at)) == U(92):
            if at + 1 < size and load8(address + U(at + 1)) == U(92):
                out[n] = 92
                n += 1
                at += 2
                continue
            code, used = _escape(address + U(at + 1), size - at - 1)
            used += 1
            if code < 0:
                return -1, False, False
        else:
            code, used = _sequence(address + U(at), size - at)
        odd, plain = odd or _is_odd(code), plain and code < 128
        n = _put(code, folds, out, n)
        at += used
    return n, odd, plain


@njit(inline="always")
def _same(left, right, size):
    """Say whether bytes are the same; up to 8 more must be readable."""
    while size >= _EIGHT:
        if load64(left) != load64(right):
            return False
        left, right, size = left + _EIGHT, right + _EIGHT, size - _EIGHT
    return size == ZERO or _low(load64(left) ^ load64(right), size) == ZERO


@njit(inline="always")
def _look(key, at, text, n, head, buckets, keys, entries, letters, masks, touched, count):
    """Note the atoms of the literals that have a gram with this key here and stand as they should.

    A literal found before is not compared again, so that a value cannot make us do the same thing many times.
    """
    bucket = head[BUCKETS] + np.int64(key >> U(head[BUCKETS_SHIFT]))
    for e in range(buckets[bucket], buckets[bucket + 1]):
        if keys[e] != key:
            continue
        atom, bit, where = entries[e, 3], entries[e, 4], entries[e, 5]
        size, begin = np.int64(entries[e, 1]), at - np.int64(entries[e, 2])
        if masks[atom] & bit or begin < 0 or begin + size > n:
            continue
        if (where & AT_START and begin > 0) or (where & AT_END and begin + size < n):
            continue
        if _same(text + U(begin), letters + U(entries[e, 0]), U(size)):
            if masks[atom] == 0:
                touched[count] = atom
                count += 1
            masks[atom] |= bit
    return count


@njit(inline="always")
def _has(bitmap, first, bit):
    return bitmap[first + (bit >> U(6))] >> (bit & U(63)) & ONE


@njit(inline="always")
def _find(text, n, head, bitmap, buckets, keys, entries, letters, masks, touched):
    """Note the atoms of all literals that stand in the text as they should; zeros must follow the text."""
    first, shift, count = U(head[BITS]), U(head[BITS_SHIFT]), 0
    if head[SHORT] == 0:
        for at in range(n - 3):
            key = _gram_key(load64(text + U(at)) & U(0xFFFFFFFF), U(4))
            if _has(bitmap, first, key >> shift):
                count = _look(key, at, text, n, head, buckets, keys, entries, letters, masks, touched, count)
        return count
    for at in range(n):
        word = load64(text + U(at))
        four, three = _gram_key(word & U(0xFFFFFFFF), U(4)), _gram_key(word & U(0xFFFFFF), U(3))
        two, one = _gram_key(word & U(0xFFFF), U(2)), _gram_key(word & U(0xFF), U(1))
        if (
            _has(bitmap, first, four >> shift)
            | _has(bitmap, first, three >> shift)
            | _has(bitmap, first, two >> shift)
            | _has(bitmap, first, one >> shift)
        ):
            for key in (four, three, two, one):
                if _has(bitmap, first, key >> shift):
                    count = _look(key, at, text, n, head, buckets, keys, entries, letters, masks, touched, count)
    return count


@njit(inline="always")
def _sort(numbers, count):
    """Sort the first numbers; there are few as a rule."""
    if count > 48:
        numbers[:count].sort()
        return
    for k in range(1, count):
        number, at = numbers[k], k
        while at > 0 and numbers[at - 1] > number:
            numbers[at] = numbers[at - 1]
            at -= 1
        numbers[at] = number


@njit(inline="always")
def _accepts(automaton, text, n):
    """Say whether an automaton finds something in an ASCII text; many bits at once, one step a byte."""
    first, last, how = automaton[-3], automaton[-2], automaton[-1]
    active = ZERO
    for at in range(n):
        reached = first if at == 0 or not how & U(AT_START) else ZERO
        while active != ZERO:
            reached |= automaton[256 + np.int64(lowest(active))]
            active &= active - ONE
        active = reached & automaton[np.int64(load8(text + U(at)))]
        if active & last and (at == n - 1 or not how & U(AT_END)):
            return True
    return False


@njit(inline="always")
def _address(text, n):
    """Read an address of IPv4 in its usual spelling; -1 if the text is not that."""
    address, octet, digits, dots = np.int64(0), np.int64(0), 0, 0
    for at in range(n + 1):
        byte = np.int64(load8(text + U(at))) if at < n else 46
        if byte == 46:
            if digits == 0 or octet > 255:
                return np.int64(-1)
            address, octet, digits, dots = address << 8 | octet, np.int64(0), 0, dots + 1
        elif 48 <= byte <= 57 and digits < 3 and not (digits == 1 and octet == 0):
            octet, digits = octet * 10 + byte - 48, digits + 1
        else:
            return np.int64(-1)
    return address if dots == 4 else np.int64(-1)


@njit(inline="always")
def _may_be_address(text, n):
    """Say whether a text may be an address: hexadecimal digits, colons, dots and brackets, with a dot or colon, up to a zone."""
    separated = False
    for at in range(n):
        byte = load8(text + U(at))
        if byte == U(37):
            break
        if byte == U(46) or byte == U(58):
            separated = True
        elif not (U(48) <= byte <= U(57) or U(97) <= byte <= U(102) or byte == U(91) or byte == U(93)):
            return False
    return separated


@njit(inline="always")
def _may_begin_number(text, n):
    """Say whether a text may begin a number or a time: digit, sign, dot, space, or no ASCII."""
    byte = load8(text)
    return n > 0 and (U(48) <= byte <= U(57) or byte <= U(32) or byte == U(43) or byte == U(45) or byte == U(46) or byte >= U(128))


@njit(inline="always")
def _whole_number(text, n):
    """Read a short whole number, decimal or hexadecimal after `0x`; give it and whether the text is one."""
    number = np.int64(0)
    if 2 < n <= _MOST_HEX + 2 and load8(text) == U(48) and load8(text + ONE) == U(120):
        for at in range(2, n):
            byte = np.int64(load8(text + U(at)))
            if 48 <= byte <= 57:
                number = number << 4 | byte - 48
            elif 97 <= byte <= 102:
                number = number << 4 | byte - 87
            else:
                return number, False
        return number, True
    minus = n > 1 and load8(text) == U(45)
    if n == 0 or n > _MOST_DIGITS:
        return number, False
    for at in range(1 if minus else 0, n):
        byte = np.int64(load8(text + U(at)))
        if byte < 48 or byte > 57:
            return number, False
        number = number * 10 + byte - 48
    return -number if minus else number, True


@njit(inline="always")
def _compares(operator, found, wanted):
    if operator == 0:
        return found == wanted
    if operator == 1:
        return found != wanted
    if operator == 2:
        return found < wanted
    if operator == 3:
        return found <= wanted
    return found > wanted if operator == 4 else found >= wanted


@njit(inline="always")
def _touch(atom, needs, masks, touched, count):
    if masks[atom] == 0:
        touched[count] = atom
        count += 1
    masks[atom] = needs[atom]
    return count


@njit(nogil=True, cache=True)
def match(
    data, rows, heads, bitmap, buckets, keys, entries, lists, wanted, letters, automata, needs, least, asked, masks, folds, scratch,
    written, touched, offsets, atoms, asks, bad, state,
):  # fmt: skip
    """Give each value the atoms that hold on it, ascending, and what has to be asked of it.

    Args:
        data: address of the bytes; at least 8 follow each value. rows: field, begin, size, form.
        heads to letters: the arenas, see the drawing; `lists` has atoms, `wanted` operator and number, or mask and network, and atom.
        needs, least, asked: by atom, the bits and the bytes it needs; then -1 it holds, -2 ask, or an automaton.
        masks: zeros, one an atom. scratch, written: room for a text each. touched: room for a field's atoms.
        offsets, atoms, asks, bad: out.
        state: in and out: next row, atoms, asks (row, atom or kind of asking), bad rows.

    Returns:
        Whether all rows are done; if not, `atoms` or `asks` is full: make room and call again.
    """
    base, text, letters_at = U(data), U(scratch.ctypes.data), U(letters.ctypes.data)
    written_at = U(written.ctypes.data)
    for row in range(state[0], rows.shape[0]):
        head = heads[rows[row, 0]]
        if state[1] + head[SIZE] > atoms.shape[0] or state[2] + head[SIZE] + 2 > asks.shape[0]:
            state[0] = row
            return False
        n, odd, plain = folded_text(base + U(rows[row, 1]), rows[row, 2], rows[row, 3], folds, scratch)
        if n < 0:
            bad[state[3]] = row
            state[3] += 1
            offsets[row + 1] = state[1]
            continue
        _store64(text + U(n), ZERO)
        count = _find(text, n, head, bitmap, buckets, keys, entries, letters_at, masks, touched)
        for k in range(head[ALWAYS], head[ALWAYS_END]):
            count = _touch(lists[k], needs, masks, touched, count)
        for k in range(head[ODD], head[ODD_END] if odd else 0):
            count = _touch(lists[k], needs, masks, touched, count)
        for k in range(head[EMPTY], head[EMPTY_END] if n == 0 else 0):
            count = _touch(lists[k], needs, masks, touched, count)
        if head[ASKS_NUMBER] and _may_begin_number(text, n):
            number, known = _whole_number(text, n)
            if known and head[NUMBERS] < head[NUMBERS_END]:
                for k in range(head[NUMBERS], head[NUMBERS_END]):
                    if _compares(np.int64(wanted[k, 0]), np.float64(number), wanted[k, 1]):
                        count = _touch(np.int64(wanted[k, 2]), needs, masks, touched, count)
            else:
                asks[state[2], 0], asks[state[2], 1] = row, ASK_NUMBER
                state[2] += 1
        if head[ASKS_ADDRESS] and _may_be_address(text, n):
            address = _address(text, n)
            for k in range(head[NETWORKS], head[NETWORKS_END] if address >= 0 else 0):
                if address & np.int64(wanted[k, 0]) == np.int64(wanted[k, 1]):
                    count = _touch(np.int64(wanted[k, 2]), needs, masks, touched, count)
            if address < 0:
                asks[state[2], 0], asks[state[2], 1] = row, ASK_ADDRESS
                state[2] += 1
        _sort(touched, count)
        begun = False
        for k in range(count):
            atom = touched[k]
            holds = masks[atom] == needs[atom] and n >= least[atom]
            masks[atom] = 0
            how = np.int64(asked[atom])
            if holds and how >= 0 and plain:
                as_written = automata[how, AUTOMATON - 1] & U(FOLDED) == ZERO
                if as_written and not begun:
                    folded_text(base + U(rows[row, 1]), rows[row, 2], rows[row, 3], folds[:0], written)
                    begun = True
                holds = _accepts(automata[how], written_at if as_written else text, n)
                how = -1
            if holds and how == -1:
                atoms[state[1]] = atom
                state[1] += 1
            elif holds:
                asks[state[2], 0], asks[state[2], 1] = row, atom
                state[2] += 1
        offsets[row + 1] = state[1]
    state[0] = rows.shape[0]
    return True
