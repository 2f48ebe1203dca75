"""The nearest centers of a piece of many points, of which no float32 copy is kept.

By the proofs of certified.py: a point keeps by how much nearer its center is than any other, and
only those whose lead is lost are brought to float32, a tile at a time, and decided anew.
"""

import numpy as np
from numba import types

from ._jit import inner, kernel, lean, readonly
from .carry import I1, I2, R1, add_totals, carry, edges_of
from .certified import ZERO, count_fallen, follow, judge, note_fallen, shrink
from .distance import BLOCK, F2, SIDE_BY_SIDE, own_in_rows
from .groups import UNASSIGNED
from .single import FAST, WORK
from .step import copy, plain
from .tiles import TILE, contest
from .turned import bring, fetch

RU, U1 = readonly(types.uint16, 1), types.uint16[::1]
F4, G1 = types.float32[::1], types.float64[::1]


@kernel(types.void(FAST, WORK, F2))
def follow_centers(fast, work, centers):
    """Take over the centers (k, d) of a step; work: [modified]."""
    follow(fast, work, centers, False)


@kernel(types.void(F2, FAST, WORK, F2, R1, RU, U1, F4, I1, I2))
def assign_piece(X, fast, work, centers, exponents, labels, nearest, leads, counts, sums):
    """Label each point with its nearest center: what `distance.assign` gives; clusters follow.

    X: (m, d), m <= 2**16. centers: (k, d), those that `work` follows. exponents: (d,), see
    digits.py. labels: (m,), of the step before, or UNASSIGNED throughout. nearest: (m,)
    [modified]. leads: (m,), not positive where they are of no center [modified]. counts: (k,),
    sums: (k, L * d), to which is added what changes [modified].
    """
    m, d = X.shape
    limbs = max(2, sums.shape[1] // d)  # a single integer may have more than 53 bits
    edges, room = edges_of(exponents, limbs), np.empty(d)
    totals = np.zeros((counts.size, limbs * d))
    members, number = np.empty(BLOCK + TILE, np.int64), 0
    open_, opened, changed = np.empty(2 * BLOCK + TILE, np.int64), 0, np.empty(TILE, np.int64)
    tile, norms = np.empty((1, d, TILE), np.float32), np.empty(TILE, np.float32)
    best, second = np.empty(TILE, np.float32), np.empty(TILE, np.float32)
    which, lead = np.empty(TILE, np.int32), np.empty(TILE, np.float32)
    places, flat = np.empty(TILE, np.int64), X.reshape(X.size)
    for start in range(0, m, BLOCK):
        stop = min(start + BLOCK, m)
        part = slice(start, stop)
        number = note(work, labels[part], nearest[part], leads[part], start, members, number)
        done = 0
        while number - done >= TILE or (stop == m and number > done):
            few = members[done : min(number, done + TILE)]
            done += few.size
            fetch(flat, members[done : min(number, done + TILE)], d)
            gather(flat, fast, few, places, tile[0], norms)
            contest(tile, 0, work.groups, work.halves, best, second, which, 0)
            judge(work.limits, norms, best, second, lead)
            moved = 0
            for g in range(few.size):
                i, sure = few[g], lead[g] > ZERO
                nearest[i], leads[i] = np.uint16(which[g]), lead[g]
                open_[opened], changed[moved] = i, i  # to be overwritten: no branch to guess
                opened += not sure
                moved += sure and nearest[i] != labels[i]
            for i in changed[:moved]:
                carry(X[i], edges, labels[i], nearest[i], room, counts, totals)
        number -= done
        for g in range(number):
            members[g] = members[done + g]
        if opened >= BLOCK or stop == m:
            ask_float64(X, centers, open_[:opened], nearest)
            for i in open_[:opened]:
                if nearest[i] != labels[i]:
                    carry(X[i], edges, labels[i], nearest[i], room, counts, totals)
            opened = 0
    add_totals(totals, exponents, sums)


@lean
def note(work, labels, nearest, leads, start, members, number):
    """Append the points whose lead is lost to `members` [modified]; gives how many are there.

    labels: (m,), all of them or none UNASSIGNED; they are the `nearest` (m,) of those who keep
    their lead [modified]. leads: (m,) [modified].
    """
    if labels[0] == UNASSIGNED:
        leads[:] = ZERO
    else:
        copy(labels, nearest)
        shrink(work.drifts, labels, leads)
    margin = work.limits[3]
    if count_fallen(leads, margin) > 0:
        number = note_fallen(leads, margin, start, members, number)
    return number


@lean
def gather(flat, fast, few, places, tile, norms):
    """Bring up to TILE points to float32, moved and scaled; a tile is filled with the last of them.

    flat: (m * d,). places: (TILE,) [modified]. tile: (d, TILE), norms: (TILE,) [modified].
    """
    for g in range(TILE):
        places[g] = few[min(g, few.size - 1)] * fast.mean.size
    bring(flat, places, fast.mean, fast.scale[0], tile, norms)


@inner
def ask_float64(X, centers, rows, nearest):
    """Label some rows (m,) by the law itself."""
    m, d = rows.size, X.shape[1]
    columns, rival, winner = np.empty((d, m)), np.empty(BLOCK), np.empty(BLOCK, np.int64)
    labels, distances = np.empty(m, np.uint16), np.empty(m)
    for i in range(m):
        for j in range(d):
            columns[j, i] = X[rows[i], j]
    plain(columns, centers, rival, winner, labels, distances)
    for i in range(m):
        nearest[rows[i]] = labels[i]


@kernel(types.void(F2, F2, RU, G1))
def measure_piece(X, centers, labels, distances):
    """Squared distance of each point (m, d) to the center of its label; distances: [modified]."""
    own_in_rows(X, centers, labels, distances, np.empty((SIDE_BY_SIDE, X.shape[1])))
