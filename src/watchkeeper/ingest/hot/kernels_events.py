r"""One pass over lines of JSON: Windows events straight into the buffers of stored columns.

    names      (container, key) ──hash──► key number, container within, flags        made by `names`
    line       key numbers and places ──► form ──► channel, event id ──hash──► kind    made by `kinds`
    kind       column ──► candidates: native, program, where the next step begins
    value      copied, parsed, or (program, bytes) ──hash──► what the program once gave    made by `values`

A line that is anything but plain (`odd`) is left to the readers. Where something must be learnt first, the pass stops before that line.
"""

import numpy as np
from numba import njit

from watchkeeper.ingest.hot.kernels_members import NO_SPACE, are_single, digests, has_dot, is_text, present, says, stands_for_nothing, told
from watchkeeper.jsonlines.kernels_hash import ONE, ZERO, U, hashed, load8, mixed, place
from watchkeeper.jsonlines.kernels_json import number_end, plain_key, word_end
from watchkeeper.jsonlines.kernels_text import (
    GIVEN,
    NONE,
    UNSURE,
    account_start,
    copy,
    has_unicode_escape,
    integer,
    is_ascii,
    is_plain_ipv4,
    is_utf8,
    moment,
    unescape,
)

DONE, NEW_KIND, NEW_VALUE, NO_ROOM = 0, 1, 2, 3
"""Why `events` came back."""
COPY, INTEGER, ACCOUNT, DIGESTS, DIGEST, ADDRESS, FIRST_LEARNT = 0, 1, 2, 3, 4, 5, 6
"""Programs: from `FIRST_LEARNT` on what a value becomes is asked once; addresses only where they are not plain."""
TEXT, NUMBER, LIST = 0, 1, 2
"""What a column holds."""
ODD_NAME, BARE_NAME, UNSURE_NAME = 1, 2, 4
"""Flags of a name: a line with it is odd; one that says something about an event, not in it; one that may be either. See `NOT_TOLD`."""
RAW, ONLY_TEXT = 1, 2
"""Flags of a candidate: what stands for no value is a value all the same; a line in which it stands for none is odd."""
FLAT, NESTED = 0, 1
"""Forms of a line: everything in the outermost object, or as Winlogbeat nests it."""
CHANNEL, EVENT_ID, UTC_TIME, MODULE, NXLOG_ID, DATA, FIRST_BRACE = 0, 1, 2, 3, 4, 5, 6
"""Places in `form_keys`; from the last on stand the keys that may hold another record."""
WINLOG, EVENT_DATA, EVENT = 1, 2, 3
"""Containers, besides the outermost object, which is 0; there are no others."""
WANTS_DATA = 1
"""Flag of a kind: its columns are filled from the message where that is all that an event has."""
PROVIDER, MESSAGE, PROCESS, EVENT_TYPE, EXECUTION = 0, 1, 2, 3, 4
"""Places in `form_natives`."""
KIND_SALT, VALUE_SALT = U(1 << 33), U(1 << 32)
MOST_DEEP, MOST_LEAVES, MOST_LEARNT = 24, 1_000, U(2_048)
"""Objects within each other, values of a line, bytes of a value that is learnt; a line beyond is odd."""
_SLACK = 192


@njit(nogil=True, cache=True)
def events(
    base, size, found, known, secret, names, name_values, key_count,
    kinds, kind_numbers, kind_flags, columns_at, candidates, natives_at, native_keys, form_keys, form_natives,
    system, times, words, words_at, nothing, nxlog, said,
    values, value_ids, elements_at, elements, numbers, spelt,
    column_kinds, column_slots, host_column,
    texts, ends, given, whole, lists, list_elements, raw, raw_ends, moments, places, event_kinds, odd, state, missing,
):  # fmt: skip
    """Fill the columns with lines from `state[0]` on, until the end, or until something has to be learnt or taken away first.

    Args:
        base, size: the bytes; 128 more must be readable and zero.
        found, known: what `marks` found, and how many.
        secret: see `hashed`.
        names, name_values, key_count: hash of container and key -> key number or -1, container within or -1, flags.
        kinds, kind_numbers, kind_flags: hash of form, channel and event id -> kind, or -1 where the readers are to be asked; see
            `WANTS_DATA`.
        columns_at, candidates: [kind, column] -> from where in `candidates`: native or -1 for a constant, program or value, where the
            next step begins, flags.
        natives_at, native_keys: by native field, from where to where in `native_keys`: the keys that may say it, the best first.
        form_keys, form_natives: by form, see `CHANNEL` and `PROVIDER`; -1 where the form has none.
        system: the native fields that have other names too.
        times: by form and use (the claimed time, the local one), keys in their order, -1 at the end.
        words, words_at: texts, and from where to where they stand. nothing, nxlog, said: from which to which word.
        values, value_ids, elements_at, elements, numbers, spelt: hash of program and value -> what it gave: elements (begin and size in
            `spelt`), or a number.
        column_kinds, column_slots, host_column: by column, what it holds and where; which of them is the host.
        texts, ends: out, by slot: bytes, and where each event's end. given: out, [column, event]: 1 if there is a value.
        whole: out, [slot, event]: numbers. lists, list_elements: out: by event, how many elements so far; where each ends in its text slot.
        raw, raw_ends, moments, places, event_kinds: out, by event: the line, its time in µs, its place, its kind.
        odd: out: begin, end and place of lines left to the readers.
        state: in and out: position, place in `found`, place of the line, events, odd lines.
        missing: out: what has to be learnt: form or program, begin and size; for a kind also of its event id.
    """
    pos, q = U(state[0]), np.int64(state[1])
    line_place, row, odds = np.int64(state[2]), np.int64(state[3]), np.int64(state[4])
    room = ends.shape[1] - 1
    text_room = U(texts.shape[1] - _SLACK)
    text_base, text_stride = U(texts.ctypes.data), U(texts.shape[1])
    raw_base, raw_room = U(raw.ctypes.data), U(raw.shape[0] - _SLACK)
    spelt_base = U(spelt.ctypes.data)
    element_base = text_base + U(texts.shape[0] - 1) * text_stride
    seen = np.full(key_count, -1, np.int64)
    begins = np.empty(key_count, np.uint64)
    sizes = np.empty(key_count, np.uint64)
    containers = np.full(EVENT + 1, -1, np.int64)
    inside = np.empty(MOST_DEEP + 2, np.int64)
    arrays = np.empty(MOST_DEEP + 2, np.uint8)
    number = np.int64(0)
    reason = DONE
    while pos < size:
        line, line_q = pos, q
        c = load8(base + pos)
        while c == U(32) or c == U(9) or c == U(13):
            pos += ONE
            c = load8(base + pos)
        if pos >= size:
            break
        if c == U(10):
            pos += ONE
            line_place += 1
            while q < known and U(found[q]) < pos:
                q += 1
            continue
        if row >= room or odds >= odd.shape[0]:
            reason = NO_ROOM
            pos, q = line, line_q
            break
        while q < known and U(found[q]) < pos:
            q += 1
        number += 1
        first = pos
        plain = c == U(123)
        pos += ONE
        depth = np.int64(0)
        inside[0] = 0
        arrays[0] = 0
        leaves = unbare = unsure = boxes = np.int64(0)
        telling = False
        step = 0  # 0 key or end, 1 key, 2 value, 3 comma or end, 4 value or end of an array
        key = child = np.int64(-1)
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
                begin = pos + ONE
                pos = U(found[q + 1])
                if load8(base + pos) != U(34):
                    plain = False
                    break
                key = child = np.int64(-1)
                if not plain_key(base + begin, pos - begin):
                    plain = False
                    break
                flags = np.int64(0)
                if inside[depth] >= 0:
                    h0, h1 = hashed(base + begin, pos - begin, U(inside[depth]) + ONE, secret)
                    at = place(names, h0, h1)
                    if names[at, 0] != ZERO:
                        key, child, flags = np.int64(name_values[at, 0]), np.int64(name_values[at, 1]), np.int64(name_values[at, 2])
                    elif inside[depth] == EVENT or (inside[depth] == WINLOG and has_dot(base + begin, pos - begin)):
                        flags = ODD_NAME
                if flags & ODD_NAME:
                    plain = False
                    break
                telling = depth == 0 and not flags & BARE_NAME
                if depth == 0 and flags & UNSURE_NAME:
                    unsure += 1
                q += 2
                pos += ONE
                while load8(base + pos) == U(32):
                    pos += ONE
                if load8(base + pos) != U(58):
                    plain = False
                    break
                pos += ONE
                step = 2
            elif step == 2 or (step == 4 and c != U(93)):
                leaves += 1
                if c == U(34):
                    if child >= 0 or q + 1 >= known or U(found[q]) != pos:
                        plain = False
                        break
                    begin = pos + ONE
                    end = U(found[q + 1])
                    if load8(base + end) != U(34):
                        plain = False
                        break
                    q += 2
                    pos = end + ONE
                elif c == U(123) or c == U(91):
                    if depth == 0 and (telling or c == U(123)):
                        unsure += 1
                    if depth + 1 > MOST_DEEP or key >= 0 or (child >= 0 and c == U(91)):
                        plain = False
                        break
                    depth += 1
                    arrays[depth] = c == U(91)
                    inside[depth] = child
                    if child >= 0:
                        if containers[child] == number:
                            plain = False
                            break
                        containers[child] = number
                        boxes += 1
                    child = np.int64(-1)
                    pos += ONE
                    step = 4 if c == U(91) else 0
                    continue
                else:
                    begin = pos
                    end = number_end(base, pos) if c == U(45) or U(48) <= c <= U(57) else word_end(base, pos)
                    if end == ZERO or child >= 0:
                        plain = False
                        break
                    pos = end
                step = 3
                if telling and depth == 0 and c != U(110):
                    unbare += 1
                if key >= 0:
                    if seen[key] == number:
                        plain = False
                        break
                    if c != U(110):
                        seen[key], begins[key], sizes[key] = number, begin, end - begin
                    key = np.int64(-1)
            elif c == U(44) and step == 3:
                pos += ONE
                step = 2 if arrays[depth] else 1
            elif c == U(93) and arrays[depth]:
                pos += ONE
                step = 3
                depth -= 1
            elif c == U(125) and not arrays[depth] and step == 3:
                pos += ONE
                if depth == 0:
                    break
                depth -= 1
            else:
                plain = False
        last = pos
        if plain:
            c = load8(base + pos)
            while c == U(32) or c == U(9) or c == U(13):
                pos += ONE
                c = load8(base + pos)
            plain = (c == U(10) or pos >= size) and leaves <= MOST_LEAVES
            pos = min(size, pos)
        if plain:
            plain = is_ascii(base + first, last - first) or is_utf8(base + first, last - first)
        form = NESTED if containers[WINLOG] == number else FLAT
        plain = plain and (form == NESTED or boxes == 0)
        channel, event_id = form_keys[form, CHANNEL], form_keys[form, EVENT_ID]
        plain = plain and seen[channel] == number and seen[event_id] == number and sizes[channel] > ZERO and sizes[event_id] > ZERO
        if plain:
            # what nxlog adds under names that Windows uses for something else
            sysmon = False
            provider = present(form_natives[form, PROVIDER], natives_at, native_keys, seen, number)
            if provider >= 0:
                sysmon = is_text(base + begins[provider], sizes[provider], words, words_at, said[0], said[0] + 1)
            module, event_type = form_keys[form, MODULE], present(form_natives[form, EVENT_TYPE], natives_at, native_keys, seen, number)
            if module >= 0 and seen[module] == number:
                if event_type >= 0 and is_text(base + begins[event_type], sizes[event_type], words, words_at, nxlog[0], nxlog[1]):
                    seen[event_type] = -1
                    event_type = -1
                own = form_keys[form, NXLOG_ID]
                execution = present(form_natives[form, EXECUTION], natives_at, native_keys, seen, number)
                if sysmon and seen[own] == number and execution < 0:
                    seen[own] = -1
            for brace in range(FIRST_BRACE, form_keys.shape[1]):
                key = np.int64(form_keys[form, brace])
                if seen[key] == number and sizes[key] > ZERO and load8(base + begins[key]) == U(123):
                    plain = False
            bare = only = False
            message = present(form_natives[form, MESSAGE], natives_at, native_keys, seen, number)
            if message >= 0:
                text, length = base + begins[message], sizes[message]
                if form == FLAT and not sysmon and seen[form_keys[form, NXLOG_ID]] == number:
                    unbare += 1  # which nobody takes away from other providers' events
                bare = unbare == 0 and form == FLAT
                only = bare and unsure == 0 and are_single(system, natives_at, native_keys, seen, number)
                if only:  # an event with no other names has told everything in its message
                    own = form_keys[form, DATA]
                    seen[own], begins[own], sizes[own] = number, begins[message], sizes[message]
                if sysmon:
                    process = present(form_natives[form, PROCESS], natives_at, native_keys, seen, number)
                    if (process < 0 and says(text, length, words, words_at, said[0] + 1)) or (
                        event_type < 0 and says(text, length, words, words_at, said[0] + 2)
                    ):
                        plain = plain and form == FLAT and not bare
                        plain = plain and told(base, text, length, secret, names, name_values, seen, begins, sizes, number)
        time = np.int64(0)
        if plain:
            timed = False
            for use in range(2):
                at = 0
                while times[form, use, at] >= 0 and seen[times[form, use, at]] != number:
                    at += 1
                key = np.int64(times[form, use, at])
                if key < 0:
                    plain = plain and use == 1 and form == NESTED
                else:
                    timed, claimed = moment(base + begins[key], sizes[key])
                    plain = plain and timed
                    if use == 0:
                        time = claimed
            utc = form_keys[form, UTC_TIME]
            if plain and utc >= 0 and seen[utc] == number:
                plain, time = moment(base + begins[utc], sizes[utc])
        kind = np.int64(-1)
        if plain:
            h0, h1 = hashed(base + begins[channel], sizes[channel], KIND_SALT + U(form), secret)
            h2, h3 = hashed(base + begins[event_id], sizes[event_id], KIND_SALT, secret)
            h0, h1 = mixed(h0 ^ h3, h1 ^ h2, secret)
            at = place(kinds, h0, h1)
            if kinds[at, 0] == ZERO:
                reason = NEW_KIND
                missing[0], missing[1], missing[2] = form, np.int64(begins[channel]), np.int64(sizes[channel])
                missing[3], missing[4] = np.int64(begins[event_id]), np.int64(sizes[event_id])
                pos, q = line, line_q
                break
            kind = np.int64(kind_numbers[at])
            plain = kind >= 0 and not (bare and not only and kind_flags[kind] & WANTS_DATA)
        if plain:
            count = np.int64(lists[row])
            for column in range(column_kinds.shape[0]):
                at, last_candidate = np.int64(columns_at[kind, column]), np.int64(columns_at[kind, column + 1])
                what, slot = column_kinds[column], np.int64(column_slots[column])
                became = NONE
                amount = np.int64(0)
                fill = ZERO
                to = ZERO
                if what == TEXT:
                    fill = U(ends[slot, row])
                    to = text_base + U(slot) * text_stride + fill
                while at < last_candidate:
                    native, program, flags = candidates[at, 0], np.int64(candidates[at, 1]), candidates[at, 3]
                    value = np.int64(-1)
                    if native < 0:
                        value = program
                    else:
                        key = np.int64(present(native, natives_at, native_keys, seen, number))
                        if key < 0:
                            at += 1
                            continue
                        text, length = base + begins[key], sizes[key]
                        if not flags & RAW:
                            if stands_for_nothing(text, length, words, words_at, nothing):
                                if flags & ONLY_TEXT:
                                    became = UNSURE
                                    break
                                at += 1
                                continue
                            if length <= U(40) and not plain_key(text, length) and has_unicode_escape(text, length):
                                became = UNSURE
                                break
                        if length > MOST_LEARNT and program > ACCOUNT:
                            became = UNSURE
                            break
                        if program == ADDRESS:
                            program = COPY if is_plain_ipv4(text, length) else ADDRESS
                        if program == INTEGER:
                            became, amount = integer(text, length)
                            break  # what is no number stands where the number is due, so no other field is asked
                        if DIGESTS <= program <= DIGEST:
                            became, count = digests(
                                text, length, program == DIGESTS, element_base, text_room, list_elements, np.int64(lists[row]), count
                            )
                            if became == NO_SPACE:
                                reason = NO_ROOM
                                break
                        elif program <= ACCOUNT:
                            if program == ACCOUNT:
                                start = account_start(text, length)
                                if start < 0:
                                    became = UNSURE
                                    break
                                text += U(start)
                                length -= U(start)
                            if length > ZERO:
                                if fill + length > text_room:
                                    reason = NO_ROOM
                                    break
                                if plain_key(text, length):
                                    copy(to, text, length)
                                    fill += length
                                    became = GIVEN
                                else:
                                    written = unescape(to, text, length)
                                    became = GIVEN if written > 0 else UNSURE
                                    fill += U(written) if written > 0 else ZERO
                        else:
                            h0, h1 = hashed(text, length, VALUE_SALT + U(program), secret)
                            v = place(values, h0, h1)
                            if values[v, 0] == ZERO:
                                reason = NEW_VALUE
                                missing[0], missing[1], missing[2] = program, np.int64(begins[key]), np.int64(length)
                                break
                            value = np.int64(value_ids[v])
                            if value < 0:
                                became = UNSURE
                                break
                    if value >= 0:
                        one, end_one = np.int64(elements_at[value]), np.int64(elements_at[value + 1])
                        if one < end_one:
                            became = GIVEN
                            if what == NUMBER:
                                amount = np.int64(numbers[value])
                            elif what == TEXT:
                                length = U(elements[one, 1])
                                if fill + length > text_room:
                                    reason = NO_ROOM
                                    break
                                copy(to, spelt_base + U(elements[one, 0]), length)
                                fill += length
                            else:
                                if count + (end_one - one) >= list_elements.shape[0]:
                                    reason = NO_ROOM
                                    break
                                while one < end_one:
                                    begun = U(list_elements[count])
                                    length = U(elements[one, 1])
                                    if begun + length > text_room:
                                        reason = NO_ROOM
                                        break
                                    copy(element_base + begun, spelt_base + U(elements[one, 0]), length)
                                    count += 1
                                    list_elements[count] = np.int64(begun + length)
                                    one += 1
                                if reason != DONE:
                                    break
                    if became != NONE:
                        break
                    at = np.int64(candidates[at, 2])
                if reason != DONE or became == UNSURE:
                    plain = False
                    break
                given[column, row] = became == GIVEN
                if what == TEXT:
                    ends[slot, row + 1] = np.int64(fill)
                elif what == NUMBER:
                    whole[slot, row] = amount
            if reason != DONE:
                pos, q = line, line_q
                break
            if plain:
                plain = given[host_column, row] == 1
            if plain:
                length = last - first
                fill = U(raw_ends[row])
                if fill + length > raw_room:
                    reason = NO_ROOM
                    pos, q = line, line_q
                    break
                copy(raw_base + fill, base + first, length)
                raw_ends[row + 1] = np.int64(fill + length)
                lists[row + 1] = count
                moments[row], places[row], event_kinds[row] = time, line_place, kind
                row += 1
        if not plain:
            while q < known and (U(found[q]) < pos or load8(base + U(found[q])) != U(10)):
                q += 1
            pos = U(found[q]) if q < known else size
            odd[odds, 0], odd[odds, 1], odd[odds, 2] = np.int64(line), np.int64(pos), line_place
            odds += 1
    state[0], state[1], state[2], state[3], state[4] = np.int64(pos), q, line_place, row, odds
    return reason
