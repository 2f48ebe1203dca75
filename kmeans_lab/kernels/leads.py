"""The nearest centers of a piece of many points, of which no float32 copy is kept.

By the proofs of certified.py: a point keeps by how much nearer its center is than any other, and
only those whose lead is lost are brought to float32, a tile at a time, and decided anew.
"""

import numpy as np
from numba import types

from ._jit import inner, kernel, lean, readonly
from .certified import SHRINK, ZERO, follow, judge
from .distance import BLOCK, F2, SIDE_BY_SIDE, own_in_rows
from .groups import UNASSIGNED
from .single import FAST, WORK
from .step import plain
from .tiles import TILE, contest

RU, U1 = readonly(types.uint16, 1), types.uint16[::1]
F4, G1 = types.float32[::1], types.float64[::1]


@kernel(types.void(FAST, WORK, F2))
def follow_centers(fast, work, centers):
    """Take over the centers (k, d) of a step; work: [modified]."""
    follow(fast, work, centers, False)


@kernel(types.void(F2, FAST, WORK, F2, RU, U1, F4))
def nearest_in_piece(X, fast, work, centers, labels, nearest, leads):
    """Label each point with its nearest center: what `distance.assign` gives.

    X: (m, d). centers: (k, d), those that `work` follows. labels: (m,), of the step before.
    nearest: (m,) [modified]. leads: (m,), not positive where they are of no center [modified].
    """
    members, open_, number, opened = np.empty(TILE, np.int64), np.empty(BLOCK, np.int64), 0, 0
    tile, norms = np.empty((1, X.shape[1], TILE), np.float32), np.empty(TILE, np.float32)
    best, second = np.empty(TILE, np.float32), np.empty(TILE, np.float32)
    which, lead = np.empty(TILE, np.int32), np.empty(TILE, np.float32)
    places, squares, flat = np.empty(TILE, np.int64), np.empty(TILE), X.reshape(X.size)
    for i in range(labels.size + 1):
        if i < labels.size:
            if labels[i] != UNASSIGNED and leads[i] > ZERO:
                leads[i] = leads[i] * SHRINK - work.drifts[labels[i]]
                if leads[i] > work.limits[3]:
                    nearest[i] = labels[i]
                    continue
            members[number] = i
            number += 1
        if number == TILE or (i == labels.size and number > 0):
            gather(flat, fast, members, number, places, squares, tile[0], norms)
            contest(tile, 0, work.groups, work.halves, best, second, which, 0)
            judge(work.limits, norms, best, second, lead)
            for g in range(number):
                nearest[members[g]], leads[members[g]] = np.uint16(which[g]), lead[g]
                if not lead[g] > ZERO:
                    open_[opened] = members[g]
                    opened += 1
            number = 0
        if opened > BLOCK - TILE or (i == labels.size and opened > 0):
            ask_float64(X, centers, open_[:opened], nearest)
            opened = 0


@lean
def gather(flat, fast, members, number, places, squares, tile, norms):
    """Bring so many points to float32, moved and scaled; a tile is filled with the last of them.

    flat: (m * d,). places, squares: (TILE,) [modified]. tile: (d, TILE), norms: (TILE,) [modified].
    """
    d, scale = fast.mean.size, fast.scale[0]
    for g in range(TILE):
        places[g], squares[g] = members[min(g, number - 1)] * d, 0.0
    for j in range(d):  # points in the inner loop: in vector lanes
        mean, row, source = fast.mean[j], tile[j], flat[j:]
        for g in range(TILE):
            y = (source[places[g]] - mean) * scale
            squares[g] += y * y
            row[g] = np.float32(y)
    for g in range(TILE):
        norms[g] = np.float32(np.sqrt(squares[g]) * (1 + 2.0**-20))


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
