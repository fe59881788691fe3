r"""One pass over lines of JSON: where the values stand that somebody asks for, and which of them are new.

    bytes      {"EventID":1,"Image":"C:\\a.exe","Hashes":"..."}\n{"EventID": ...
    marks       ^       ^   ^     ^ ^           ^                ^       quotes, line feeds, escapes JSON does not have (`marks`)
    names      path or name ──hash──► key number, rank, inside?          small table, made from what the rules ask
    event      key numbers and places ──► source ──► kind ──► wants[kind, key] = field (or -1)
    values     (field, bytes) ──hash──► place in the value table          new ones are listed in `fresh`
    slots      event 0: 17 4 99 | event 1: 4 8 | ...                      what `kernels_sum` adds up

A line that is anything but plain (`odd`: broken, doubly named, an array of objects, a number in a rare notation) is left to the reference.
"""

import numpy as np
from numba import njit

from watchkeeper.jsonlines.kernels_hash import ONE, ZERO, U, hashed, load8, mixed, place
from watchkeeper.jsonlines.kernels_json import alike, number_end, plain_key, word_end

ALIAS, NAME, TOP, VALUE, SERVICE, TYPE = U(1), U(2), U(3), U(1 << 32), U(5), U(6)
"""What a hash is for: a path as written, a name, a key of the outermost object, a value of field 0 and up, the parts of a log source."""
DONE, NEW_SOURCE, NEW_KIND, NO_ROOM = 0, 1, 2, 3
"""Why `walk` came back."""
MOST_LEAVES, MOST_KNOWN, MOST_DEEP, MOST_PATH, MOST_CONTAINERS = 4_000, 512, 24, 4_096, 64
PENDING = -1
NO_ALIAS, NOBODYS = -1, -2
"""In place of a key number: a path that is not called otherwise; one that is, by a name nobody asks for."""


@njit(inline="always")
def slot_of(address, size, field, secret, young, signatures, old, old_signatures, closed, counts):
    """Give where the signature of a value stands or will stand, and whether the value is new.

    Args:
        address, size: the value. field: who asks. secret: see `hashed`.
        young, signatures, old, old_signatures: the table that is filled, and the one before it.
        closed: by field: whether its values are hardly ever seen again; look-ups of one value in sixteen, and how many were new.
        counts: values in the young table, most of them, values beside it, most of them.
    """
    h0, h1 = hashed(address, size, VALUE + U(field), secret)
    return slot_of_hash(h0, h1, field, young, signatures, old, old_signatures, closed, counts)


@njit(inline="always")
def slot_of_hash(h0, h1, field, young, signatures, old, old_signatures, closed, counts):
    """Give where the signature of a hashed value stands or will stand, and whether the value is new."""
    sampled = h1 & U(15) == ZERO
    if sampled:
        closed[field, 1] += 1
    at = place(young, h0, h1)
    if young[at, 0] != ZERO:
        return at, False
    before = place(old, h0, h1)
    known = old[before, 0] != ZERO
    if sampled and not known:
        closed[field, 2] += 1
    if counts[0] < counts[1] and (known or sampled or not closed[field, 0]):
        young[at, 0], young[at, 1] = h0, h1
        counts[0] += 1
    else:
        at = young.shape[0] + counts[2]
        counts[2] += 1
    signatures[at] = old_signatures[before] if known else PENDING
    return at, not known


@njit(nogil=True, cache=True)
def walk(
    base, size, found, known, names, name_values, bits, sources, source_values, masks, kinds, kind_values, wants, made_at, made,
    pairs_at, pairs, secret, young, signatures, old, old_signatures, closed, counts, lines, event_kinds, offsets, slots, fresh,
    odd, state, fixed, missing,
):  # fmt: skip
    """Walk over lines from `state[0]` on, until the end, or until something has to be learnt or written down first.

    Args:
        base, size: the bytes; 64 more must be readable and zero.
        found, known: what `marks` found, and how many.
        names, name_values: hash of a path or name -> key number, rank (0: the native name itself), 1 inside + 2 what is in it is inside.
        bits: by key number, the bit that says in an event's shape whether it has the key.
        sources, source_values, masks: hash of service and event type -> number; by number, the bits of the shape that matter.
        kinds, kind_values: hash of source and shape -> kind.
        wants: [kind, key] -> field, or -1.
        made_at, made: by kind, from where to where in `made`: field, number of sources, their keys.
        pairs_at, pairs: by kind, from where to where in `pairs`: two keys, slot if their values are alike, slot if they may be.
        secret: see `hashed`. young, signatures, old, old_signatures, closed, counts: see `slot_of`.
        lines, event_kinds, offsets, slots: out, by event: begin and end; kind; where in `slots` its values are.
        fresh: out, new values: field, begin, size, slot; begin is -1 - event for a made field.
        odd: out, begin and end of lines left to the reference.
        state: in and out: position, place in `found`, events, slots, fresh, odd.
        fixed: key numbers of the service and the event type, or -1.
        missing: out: hash of the source or kind to be learnt.
    """
    pos, q = U(state[0]), state[1]
    events, used, new, odds = state[2], state[3], state[4], state[5]
    key_of = np.empty(MOST_KNOWN, np.int32)
    begins = np.empty(MOST_KNOWN, np.uint64)
    sizes = np.empty(MOST_KNOWN, np.uint64)
    manifold = np.zeros(MOST_KNOWN, np.uint8)
    ranks = np.zeros(wants.shape[1], np.int32)
    seen = np.full(wants.shape[1], -1, np.int64)
    where = np.zeros(wants.shape[1], np.int32)
    path = np.empty(MOST_PATH + 64, np.uint8)
    path_at = U(path.ctypes.data)
    written = np.zeros(MOST_DEEP + 2, np.int64)
    named = np.zeros(MOST_DEEP + 2, np.int64)
    opens = np.zeros(MOST_DEEP + 2, np.uint8)
    containers = np.empty((MOST_CONTAINERS, 2), np.uint64)
    reason = DONE
    number = 0
    while pos < size:
        line = pos
        c = load8(base + pos)
        while c == U(32) or c == U(9) or c == U(13):
            pos += ONE
            c = load8(base + pos)
        if pos >= size:
            break
        if c == U(10):
            pos += ONE
            continue
        if events + 1 >= offsets.shape[0] or used + MOST_KNOWN + 64 > slots.shape[0] or odds >= odd.shape[0]:
            reason = NO_ROOM
        if new + MOST_KNOWN + 64 > fresh.shape[0] or counts[2] + MOST_KNOWN + 64 > counts[3]:
            reason = NO_ROOM
        if reason != DONE:
            pos = line
            break
        while q < known and U(found[q]) < pos:
            q += 1
        line_q = q
        number += 1
        fields = leaves = depth = boxes = 0
        shape = ZERO
        plain = c == U(123)
        pos += ONE
        step = 0  # 0 key or end, 1 key, 2 value, 3 comma or end
        within = False
        key, rank = -1, 0
        array = -1
        key_begin = key_size = ZERO
        written[0] = named[0] = 0
        opens[0] = 0
        while plain:
            c = load8(base + pos)
            if c == U(32) or c == U(9) or c == U(13):
                pos += ONE
            elif step <= 1:
                if c == U(125) and step == 0:
                    step = 3
                    continue
                if c != U(34) or q + 1 >= known or U(found[q]) != pos:
                    plain = False
                    break
                key_begin = pos + ONE
                key_size = U(found[q + 1]) - key_begin
                pos = key_begin + key_size
                if load8(base + pos) != U(34):
                    plain = False
                    break
                q += 2
                pos += ONE
                if depth == 0:
                    h0, h1 = hashed(base + key_begin, key_size, TOP, secret)
                    at = place(names, h0, h1)
                else:
                    end = written[depth] + np.int64(key_size)
                    if end + 1 >= MOST_PATH:
                        plain = False
                        break
                    for k in range(np.int64(key_size)):
                        path[written[depth] + k] = load8(base + key_begin + U(k))
                    h0, h1 = hashed(path_at, U(end), ALIAS, secret)
                    at = place(names, h0, h1)
                    if names[at, 0] == ZERO or name_values[at, 0] == NO_ALIAS:
                        h0, h1 = hashed(path_at + U(named[depth]), U(end - named[depth]), NAME, secret)
                        at = place(names, h0, h1)
                key, rank = -1, 0
                if names[at, 0] != ZERO:
                    key, rank = name_values[at, 0], name_values[at, 1]
                elif not plain_key(base + key_begin, key_size):
                    plain = False
                    break
                if boxes > 0:
                    if depth == 0:
                        h0, h1 = hashed(base + key_begin, key_size, ALIAS, secret)
                    else:
                        h0, h1 = hashed(path_at, U(written[depth] + np.int64(key_size)), ALIAS, secret)
                    for box in range(boxes):
                        if containers[box, 0] == h0 and containers[box, 1] == h1:
                            plain = False
                while load8(base + pos) == U(32):
                    pos += ONE
                if load8(base + pos) != U(58):
                    plain = False
                    break
                pos += ONE
                step = 2
            elif step == 2:
                begin = end_at = ZERO
                if c == U(34):
                    if q + 1 >= known or U(found[q]) != pos:
                        plain = False
                        break
                    begin = pos + ONE
                    end_at = U(found[q + 1])
                    if load8(base + end_at) != U(34):
                        plain = False
                        break
                    q += 2
                    pos = end_at + ONE
                elif c == U(123):
                    if within or depth + 1 > MOST_DEEP or boxes >= MOST_CONTAINERS or (key >= 0 and seen[key] == number):
                        plain = False
                        break
                    if depth == 0:
                        if np.int64(key_size) + 1 >= MOST_PATH:
                            plain = False
                            break
                        for k in range(np.int64(key_size)):
                            path[k] = load8(base + key_begin + U(k))
                    end = written[depth] + np.int64(key_size)
                    h0, h1 = hashed(path_at, U(end), ALIAS, secret)
                    containers[boxes, 0], containers[boxes, 1] = h0, h1
                    boxes += 1
                    at = place(names, h0, h1)
                    how = name_values[at, 2] if names[at, 0] != ZERO else 0
                    path[end] = 46
                    inside = how & 1 or opens[depth] & 2
                    written[depth + 1] = end + 1
                    named[depth + 1] = end + 1 if inside else named[depth]
                    opens[depth + 1] = how
                    depth += 1
                    pos += ONE
                    step = 0
                    continue
                elif c == U(91):
                    pos += ONE
                    while load8(base + pos) == U(32):
                        pos += ONE
                    if within or (load8(base + pos) == U(93) and key >= 0) or (key >= 0 and seen[key] == number):
                        plain = False
                        break
                    within = True
                    array = fields
                    if load8(base + pos) == U(93):
                        step = 3
                    continue
                else:
                    begin = pos
                    end_at = number_end(base, pos) if c == U(45) or U(48) <= c <= U(57) else word_end(base, pos)
                    if end_at == ZERO:
                        plain = False
                        break
                    pos = end_at
                step = 3
                leaves += 1
                if key >= 0:
                    again = seen[key] == number
                    if again and within and where[key] >= array and ranks[key] == rank:
                        again = False
                    if again:
                        if rank == ranks[key] or manifold[where[key]] or within:
                            plain = False
                            break
                        if rank < ranks[key] and c != U(110):
                            begins[where[key]], sizes[where[key]], ranks[key] = begin, end_at - begin, rank
                    elif c != U(110):
                        if fields >= MOST_KNOWN:
                            plain = False
                            break
                        key_of[fields], begins[fields], sizes[fields], manifold[fields] = key, begin, end_at - begin, within
                        if seen[key] != number:
                            where[key] = fields
                        seen[key], ranks[key] = number, rank
                        fields += 1
                        shape |= bits[key]
                    elif within:
                        plain = False
                        break
            elif c == U(44):
                pos += ONE
                step = 2 if within else 1
            elif c == U(93) and within:
                pos += ONE
                within = False
            elif c == U(125) and not within:
                pos += ONE
                if depth == 0:
                    break
                depth -= 1
            else:
                plain = False
        if plain:
            c = load8(base + pos)
            while c == U(32) or c == U(9) or c == U(13):
                pos += ONE
                c = load8(base + pos)
            plain = (c == U(10) or pos >= size) and leaves <= MOST_LEAVES
        kind = np.int64(-1)
        if plain:
            h0 = h1 = h2 = h3 = ZERO
            if fixed[0] >= 0 and seen[fixed[0]] == number:
                at = where[fixed[0]]
                plain = not manifold[at]
                h0, h1 = hashed(base + begins[at], sizes[at], SERVICE, secret)
            if fixed[1] >= 0 and seen[fixed[1]] == number:
                at = where[fixed[1]]
                plain = plain and not manifold[at]
                h2, h3 = hashed(base + begins[at], sizes[at], TYPE, secret)
            h0, h1 = mixed(h0 ^ h3, h1 ^ h2, secret)
            at = place(sources, h0, h1)
            missing[0], missing[1] = h0, h1
            source = source_values[at]
            if sources[at, 0] == ZERO:
                reason = NEW_SOURCE
            elif source < 0:
                plain = False
            else:
                h0, h1 = mixed(U(source), shape & masks[source], secret)
                at = place(kinds, h0, h1)
                missing[0], missing[1] = h0, h1
                if kinds[at, 0] == ZERO:
                    reason = NEW_KIND
                kind = np.int64(kind_values[at])
        if not plain:
            q = line_q
            while q < known and load8(base + U(found[q])) != U(10):
                q += 1
            pos = U(found[q]) if q < known else size
            reason = DONE
            odd[odds, 0], odd[odds, 1] = line, pos
            odds += 1
            pos += ONE
            continue
        if reason != DONE:
            pos, q = line, line_q
            break
        lines[events, 0], lines[events, 1], event_kinds[events], offsets[events] = line, pos, kind, used
        for k in range(fields):
            field = wants[kind, key_of[k]]
            if field >= 0:
                slot, is_new = slot_of(base + begins[k], sizes[k], field, secret, young, signatures, old, old_signatures, closed, counts)
                slots[used] = slot
                used += 1
                if is_new:
                    fresh[new, 0], fresh[new, 1], fresh[new, 2], fresh[new, 3] = field, begins[k], sizes[k], slot
                    new += 1
        for m in range(made_at[kind, 0], made_at[kind, 1]):
            h0, h1 = U(made[m, 0]) + ONE, U(made[m, 0])
            whole = True
            for k in range(made[m, 1]):
                key = made[m, 2 + k]
                whole = whole and seen[key] == number and not manifold[where[key]]
                if whole:
                    h2, h3 = hashed(base + begins[where[key]], sizes[where[key]], VALUE + U(k), secret)
                    h0, h1 = mixed(h0 ^ h2, h1 ^ h3, secret)
            if whole:
                slot, is_new = slot_of_hash(h0, h1, made[m, 0], young, signatures, old, old_signatures, closed, counts)
                slots[used] = slot
                used += 1
                if is_new:
                    fresh[new, 0], fresh[new, 1], fresh[new, 2], fresh[new, 3] = made[m, 0], -1 - events, 0, slot
                    new += 1
        for m in range(pairs_at[kind, 0], pairs_at[kind, 1]):
            if pairs[m, 0] < 0:
                slots[used] = pairs[m, 3]
                used += 1
            elif seen[pairs[m, 0]] == number and seen[pairs[m, 1]] == number:
                k, other = where[pairs[m, 0]], where[pairs[m, 1]]
                if manifold[k] or manifold[other] or pairs[m, 2] < 0:
                    slots[used] = pairs[m, 3]
                    used += 1
                else:
                    answer = alike(base + begins[k], sizes[k], base + begins[other], sizes[other])
                    if answer:
                        slots[used] = pairs[m, 1 + answer]
                        used += 1
        events += 1
        offsets[events] = used
        pos += ONE
    state[0], state[1], state[2], state[3], state[4], state[5] = pos, q, events, used, new, odds
    return reason
