"""Summed distances of targets to clusters, kept from partition to partition.

A sum is a whole number of units, so moving a point from one cluster's sum to another's leaves what
adding all of them anew would give. Small data keep all sums. In larger ones only few clusters can
be the second nearest of a target, by Jensen's inequality in both directions: with m the mean of a
cluster and V its mean squared distance to m, the mean distance of x to its members lies between
|x - m| and sqrt(|x - m|**2 + V).
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import inner
from .targets import padded, squares
from .widths import grouped

UNASSIGNED = 65535  # the label of a point before the first partition
ROOM = 1 << 24  # sums that are kept at most (144 MB); of more the targets are taken in turns
TILE = 256  # targets whose bounds are compared at once
SLACK = 2.0**-30  # relative to the squared spread of the data: far above every rounding error


class Sums(NamedTuple):
    """Sums over the members of each cluster under `labels`; T targets, a multiple of 8."""

    labels: NDArray[np.uint16]  # (n,)
    values: NDArray[np.int64]  # (k, T), in units
    known: NDArray[np.uint8]  # (k, T), whether a value is up to date
    near: NDArray[np.uint8]  # (k, T), whether it is wanted


SUMS = types.NamedTuple(
    [types.uint16[::1], types.int64[:, ::1], types.uint8[:, ::1], types.uint8[:, ::1]], Sums
)


def empty_sums(n: int, m: int, k: int) -> Sums:
    """Sums of nothing, for n points, m targets and k clusters."""
    shape = k, padded(min(m, max(ROOM // k, 1)))
    flags = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    return Sums(np.full(n, UNASSIGNED, np.uint16), np.zeros(shape, np.int64), *flags)


@inner
def keep_all(aim, sums, labels, counts, own, rival):
    """Mean distances of all targets, n of them, from rows of the matrix; own, rival [modified].

    A row is added for every point that moved, or for all points where a third did.
    """
    last, values = sums.labels, sums.values
    moved = 0
    for i in range(labels.size):
        moved += labels[i] != last[i]
    if 3 * moved > labels.size:
        add_up(aim, labels, counts, values)
        last[:] = labels
    elif moved:
        for i in range(labels.size):
            if labels[i] != last[i]:
                carry(aim.matrix[i], values[last[i]], values[labels[i]])
                last[i] = labels[i]
    mean_rows(values, labels, counts, own, rival)


@inner
def carry(row, source, goal):
    """Take a row from one sum to another."""
    for i in range(row.size):
        source[i] -= row[i]
        goal[i] += row[i]


@inner
def add_up(aim, labels, counts, values):
    """Sums of the rows of each cluster's members; the largest cluster's are what the others leave.

    The rows come from the second-level cache, which sets the pace: so 1.5 µs for Iris, not 2.4.
    """
    starts, order = grouped(labels, counts)
    largest = counts.argmax()
    rest = values[largest]
    rest[:] = aim.whole
    for c in range(counts.size):
        if c != largest:
            total = values[c]
            total[:] = 0
            add_rows(aim.matrix, order[starts[c] : starts[c + 1]], total)
            for i in range(total.size):
                rest[i] -= total[i]


@inner
def add_rows(matrix, rows, total):
    """Add `rows` of the matrix to a total, four at a time: a quarter of the stores."""
    fours = rows.size // 4 * 4
    for place in range(0, fours, 4):
        w, x = matrix[rows[place]], matrix[rows[place + 1]]
        y, z = matrix[rows[place + 2]], matrix[rows[place + 3]]
        for i in range(total.size):
            total[i] += (w[i] + x[i]) + (y[i] + z[i])
    for place in range(fours, rows.size):
        w = matrix[rows[place]]
        for i in range(total.size):
            total[i] += w[i]


@inner
def mean_rows(values, labels, counts, own, rival):
    """Mean distance to the own cluster and the least to another; own, rival (T,) [modified]."""
    mine = np.empty(own.size, np.int64)
    mine[:] = -1
    for i in range(labels.size):
        mine[i] = labels[i]
    rival[:] = np.inf
    for c in range(counts.size):
        if counts[c] > 0:
            one, others = 1.0 / counts[c], 1.0 / max(counts[c] - 1, 1)
            row = values[c]
            for i in range(row.size):
                inside = mine[i] == c
                total = np.float64(row[i])
                mean = total * one
                own[i] = total * others if inside else own[i]
                rival[i] = rival[i] if inside or rival[i] < mean else mean


@inner
def keep_near(aim, sums, labels, counts, first, own, rival):
    """Mean distances of the targets from `first` on that fit in sums; own, rival [modified].

    A cluster's sums change by the points that came and went, or are added up anew where there are
    as many of them as members.
    """
    size = min(sums.values.shape[1], aim.rows.size - first)
    starts, order = grouped(labels, counts)
    members = gathered(aim.points, order)
    find_near(aim, sums.near, labels, counts, starts, members, first, size)
    moved, came, arrivals, went, departures = moves(labels, sums.labels, counts.size)
    found, line = np.empty(size, np.int64), np.empty(max(labels.size, size))
    rival[first : first + size] = np.inf
    for c in range(counts.size):
        near, known, values = sums.near[c], sums.known[c], sums.values[c]
        new, gone = arrivals[came[c] : came[c + 1]], departures[went[c] : went[c + 1]]
        if new.size + gone.size >= counts[c]:
            known[:] = 0
        if new.size + gone.size > 0:
            kept = found[: listed(near, known, 0, found)]
            change(aim, moved[new], aim.unit, first, kept, values, line)
            change(aim, moved[gone], -aim.unit, first, kept, values, line)
            known &= near
        missing = found[: listed(near, known, 1, found)]
        complete(aim, members, order, starts[c], starts[c + 1], first, missing, values, line)
        known |= near
        one, others = 1.0 / max(counts[c], 1), 1.0 / max(counts[c] - 1, 1)
        for i in found[: listed(near, known, 0, found)]:
            if labels[aim.rows[first + i]] == c:
                own[first + i] = values[i] * others
            else:
                rival[first + i] = min(rival[first + i], values[i] * one)


@inner
def gathered(points, order):
    """Columns `order` of `points` (d, n)."""
    out = np.empty((points.shape[0], order.size))
    for f in range(points.shape[0]):
        source, goal = points[f], out[f]
        for i in range(order.size):
            goal[i] = source[order[i]]
    return out


@inner
def moves(labels, last, k):
    """Points whose label changed, and their places by the cluster they came to and went from."""
    moved = np.flatnonzero(labels != last)
    came, arrivals = grouped(labels[moved], tally(labels[moved], k))
    if moved.size > 0 and last[moved[0]] == UNASSIGNED:  # as all are
        return moved, came, arrivals, np.zeros(k + 1, np.int64), arrivals[:0]
    went, departures = grouped(last[moved], tally(last[moved], k))
    return moved, came, arrivals, went, departures


@inner
def tally(labels, k):
    """Points of each of k clusters."""
    counts = np.zeros(k, np.int64)
    for i in range(labels.size):
        counts[labels[i]] += 1
    return counts


@inner
def listed(near, known, missing, out):
    """Number of the targets that are near and known, or near and missing; out [modified]."""
    wanted, have = near.view(np.uint64), known.view(np.uint64)  # eight flags at once
    flip = np.uint64(0x0101010101010101) if missing else np.uint64(0)
    count = 0
    for word in range(wanted.size):
        if wanted[word] & (have[word] ^ flip) != 0:
            for i in range(8 * word, 8 * word + 8):
                if near[i] and known[i] != missing:
                    out[count] = i
                    count += 1
    return count


@inner
def find_near(aim, near, labels, counts, starts, members, first, size):
    """Mark the own cluster of each target, and all that can be its second nearest; near (k, T)."""
    k = counts.size
    centers, spreads = moments(members, starts, aim.unit)
    tile = max(min(TILE, ROOM // k), 1)
    square, least = np.empty((k, tile)), np.empty(tile)
    mine = np.empty(tile, np.int64)
    for start in range(0, size, tile):
        count = min(tile, size - start)
        limit, own = least[:count], mine[:count]
        for i in range(count):
            own[i] = labels[aim.rows[first + start + i]]
        limit[:] = np.inf
        for c in range(k):
            squares(aim.aims, first + start, first + start + count, centers[c], square[c])
            row, spread = square[c, :count], spreads[c]
            for i in range(count):
                upper = row[i] + spread
                limit[i] = limit[i] if own[i] == c or limit[i] < upper else upper
        for i in range(count):
            limit[i] += SLACK
        for c in range(k):
            row, flags = square[c, :count], near[c, start : start + count]
            for i in range(count):
                flags[i] = (own[i] == c) | (row[i] < limit[i]) & (counts[c] > 0)


@inner
def moments(members, starts, unit):
    """Mean (k, d) of each cluster and its members' mean squared distance to it (k,).

    members: (d, n), by cluster. An empty cluster is infinitely wide.
    """
    k, d = starts.size - 1, members.shape[0]
    centers, spreads = np.zeros((k, d)), np.full(k, np.inf)
    for c in range(k):
        size = starts[c + 1] - starts[c]
        if size > 0:
            spreads[c] = 0.0
            for f in range(d):
                x = members[f, starts[c] : starts[c + 1]]
                total, squared = np.int64(0), np.int64(0)  # sums of integers take vectors
                for i in range(x.size):
                    total += np.int64(x[i] * unit)
                    squared += np.int64(x[i] * x[i] * unit)
                centers[c, f] = total / (unit * size)
                spreads[c] += squared / (unit * size) - centers[c, f] * centers[c, f]
    return centers, spreads


@inner
def change(aim, moved, unit, first, kept, values, line):
    """Add the distances to points `moved` to the sums of targets `kept`, or take them away."""
    if aim.matrix.size > 0:
        for p in moved:
            row = aim.matrix[p]
            sign = 1 if unit > 0 else -1
            for i in kept:
                values[i] += sign * row[first + i]
        return
    aims, total = gathered(aim.aims, kept + first), np.zeros(kept.size, np.int64)
    for p in moved:
        squares(aims, 0, kept.size, aim.points[:, p], line)
        away = line[: kept.size]
        for i in range(total.size):
            total[i] += np.int64(np.sqrt(away[i]) * unit)
    for i in range(kept.size):
        values[kept[i]] += total[i]


@inner
def complete(aim, members, order, start, stop, first, missing, values, line):
    """Sums of targets `missing` over the members of a cluster, from `start` to `stop`."""
    for i in missing:
        total = np.int64(0)
        if aim.matrix.size > 0:
            row, places = aim.matrix[first + i], order[start:stop]
            for j in range(places.size):
                total += row[places[j]]
        else:
            squares(members, start, stop, aim.aims[:, first + i], line)
            away = line[: stop - start]
            for j in range(away.size):
                total += np.int64(np.sqrt(away[j]) * aim.unit)
        values[i] = total
