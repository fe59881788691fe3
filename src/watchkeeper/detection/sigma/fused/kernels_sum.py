"""From the signatures of an event's values to the rules that hold on it.

signature   set of atoms that hold on one value      7 -> {12, 40, 41}     interned: equal sets have one number, 0 is the empty one
event       sum of keyed numbers of its signatures   key ──► table ──► result          seen before: one look-up
result      programs that hold, and whether surely   3 -> [(17, sure), (90, ask)]      0 is none
program     a rule as a chain of tests               at: atom, next if it holds, next if not; -1 holds, -2 does not
witnesses   atom -> programs that need it, or one of its fellows: only these are run
"""

import numpy as np
from numba import njit

from watchkeeper.detection.sigma.fused.kernels_walk import slot_of
from watchkeeper.jsonlines.kernels_hash import ONE, ZERO, U, folded_product, load8, mixed, place

HOLDS, FAILS = -1, -2
_MOST_STEPS, _MOST_OPEN = 20_000, 64
_SETS = U(7)


@njit(nogil=True, cache=True)
def intern(offsets, atoms, slots, signatures, keys, numbers, starts, members, secret, state):
    """Give each new value the number of its set of atoms; new sets are written down.

    Args:
        offsets, atoms, slots: the set of each value, and where its number goes in `signatures`.
        keys, numbers: hash of a set -> its number. starts, members: by number, its atoms.
        state: in and out: sets so far, atoms so far.
    """
    for row in range(slots.shape[0]):
        begin, end = offsets[row], offsets[row + 1]
        if begin == end:
            signatures[slots[row]] = 0
            continue
        h0, h1 = _SETS | ONE, U(end - begin)
        for k in range(begin, end):
            h0, h1 = mixed(h0 ^ U(atoms[k]), h1 + U(atoms[k]), secret)
        at = place(keys, h0, h1)
        if keys[at, 0] == ZERO:
            keys[at, 0], keys[at, 1], numbers[at] = h0, h1, state[0]
            for k in range(begin, end):
                members[state[1]] = atoms[k]
                state[1] += 1
            state[0] += 1
            starts[state[0]] = state[1]
        signatures[slots[row]] = numbers[at]


@njit(inline="always")
def _run(program, code, holding, pending):
    """Follow a program; give 1 if it holds, 0 if not, 2 if that hangs on tests that only the reference can make."""
    yes = no = False
    pending[0] = program
    waiting, steps = 1, 0
    while waiting > 0:
        waiting -= 1
        at = pending[waiting]
        while at >= 0:
            steps += 1
            atom = code[at, 0]
            if atom >= 0:
                at = code[at, 1] if holding[atom] else code[at, 2]
            elif waiting + 1 >= pending.shape[0] or steps > _MOST_STEPS:
                return 2
            else:
                pending[waiting] = code[at, 2]
                waiting += 1
                at = code[at, 1]
        if at == HOLDS:
            yes = True
        else:
            no = True
        if yes and no:
            return 2
    return 1 if yes else 0


@njit(nogil=True, cache=True)
def evaluate(
    event_kinds, offsets, slots, signatures, starts, members, secret, keys, results, ends, found, code, entries, kind_programs, always,
    witness_starts, witnesses, holding, asked, hits, state,
):  # fmt: skip
    """Give each event its result; what was never seen together is worked out and written down.

    Args:
        event_kinds, offsets, slots, signatures: the events, as `walk` left them. starts, members: see `intern`.
        keys, results: sum of an event -> its result. ends, found: by result, the programs: 2 * program + 1 if the reference is to be asked.
        code, entries: programs, and where each begins. kind_programs: by kind, from where to where in `always`: programs always run.
        witness_starts, witnesses: by atom, programs to run. holding, asked: scratch, by atom and by program.
        hits: out: event, result.
        state: in and out: next event, results, their entries, hits, sums in the table, most of those.

    Returns:
        Whether all events are done; if not, a table is full: make room and call again.
    """
    true = np.empty(holding.shape[0], np.int32)
    candidates = np.empty(entries.shape[0] + 1, np.int32)
    pending = np.empty(_MOST_OPEN, np.int32)
    for event in range(state[0], event_kinds.shape[0]):
        kind = event_kinds[event]
        h0 = h1 = ZERO
        for k in range(offsets[event], offsets[event + 1]):
            signature = U(signatures[slots[k]])
            if signature != ZERO:
                h0 += folded_product(signature ^ secret[0], secret[2])
                h1 += folded_product(signature ^ secret[1], secret[3])
        if h0 == ZERO and h1 == ZERO and kind_programs[kind, 0] == kind_programs[kind, 1]:
            continue
        h0, h1 = mixed(h0 + U(kind), h1, secret)
        at = place(keys, h0, h1)
        if keys[at, 0] == ZERO:
            if state[4] >= state[5] or state[1] + 2 >= ends.shape[0] or state[2] + entries.shape[0] >= found.shape[0]:
                state[0] = event
                return False
            held = chosen = 0
            for k in range(offsets[event], offsets[event + 1]):
                signature = signatures[slots[k]]
                for m in range(starts[signature], starts[signature + 1]):
                    atom = members[m]
                    if not holding[atom]:
                        holding[atom] = True
                        true[held] = atom
                        held += 1
                        for w in range(witness_starts[atom], witness_starts[atom + 1]):
                            program = witnesses[w]
                            if not asked[program]:
                                asked[program] = True
                                candidates[chosen] = program
                                chosen += 1
            for k in range(kind_programs[kind, 0], kind_programs[kind, 1]):
                if not asked[always[k]]:
                    asked[always[k]] = True
                    candidates[chosen] = always[k]
                    chosen += 1
            first = state[2]
            for k in range(chosen):
                asked[candidates[k]] = False
                answer = _run(entries[candidates[k]], code, holding, pending)
                if answer:
                    found[state[2]] = 2 * candidates[k] + (answer == 2)
                    state[2] += 1
            for k in range(held):
                holding[true[k]] = False
            keys[at, 0], keys[at, 1] = h0, h1
            results[at] = 0
            state[4] += 1
            if state[2] > first:
                found[first : state[2]].sort()
                state[1] += 1
                ends[state[1]] = state[2]
                results[at] = state[1]
        if results[at]:
            hits[state[3], 0], hits[state[3], 1] = event, results[at]
            state[3] += 1
    state[0] = event_kinds.shape[0]
    return True


@njit(nogil=True, cache=True)
def column(
    base, limits, rows, field, secret, young, signatures, old, old_signatures, closed, counts, pairs, fresh, copied, state
):  # fmt: skip
    """Look the values of one Arrow column up; new ones are copied, for their buffer is not padded.

    Args:
        base, limits, rows: the bytes; where each value begins and the next one does; the event of each value, or -1 if there is none.
        field: what is asked. secret to counts: see `slot_of`.
        pairs: out: event, slot. fresh: out: field, begin in `copied`, size, slot.
        state: in and out: pairs, fresh, bytes copied, next value.

    Returns:
        Whether all values are done; if not, something is full.
    """
    for value in range(state[3], rows.shape[0]):
        if rows[value] < 0:
            continue
        begin, size = limits[value], limits[value + 1] - limits[value]
        if state[1] >= fresh.shape[0] or counts[2] >= counts[3] or state[2] + size + 64 > copied.shape[0]:
            state[3] = value
            return False
        here = base + U(begin)
        slot, is_new = slot_of(here, U(size), field, secret, young, signatures, old, old_signatures, closed, counts)
        pairs[state[0], 0], pairs[state[0], 1] = rows[value], slot
        state[0] += 1
        if is_new:
            for k in range(size):
                copied[state[2] + k] = load8(here + U(k))
            fresh[state[1], 0], fresh[state[1], 1], fresh[state[1], 2], fresh[state[1], 3] = field, state[2], size, slot
            state[1] += 1
            state[2] += size
    state[3] = 0
    return True


@njit(nogil=True, cache=True)
def by_event(pairs, count, events):
    """Sort (event, slot) pairs by event; give where each event's slots begin, and the slots."""
    offsets = np.zeros(events + 1, np.int64)
    for k in range(count):
        offsets[pairs[k, 0] + 1] += 1
    for event in range(events):
        offsets[event + 1] += offsets[event]
    at = offsets[:-1].copy()
    slots = np.empty(count, np.int32)
    for k in range(count):
        slots[at[pairs[k, 0]]] = pairs[k, 1]
        at[pairs[k, 0]] += 1
    return offsets, slots
