"""Sums of distances to the clusters near each target, kept from partition to partition."""

import numpy as np

from ._jit import inner
from .bounds import find_near
from .sums import UNASSIGNED
from .targets import TILE, squares
from .widths import grouped


@inner
def keep_near(aim, sums, labels, counts, first, own, rival):
    """Mean distances of the targets from `first` on that fit in sums; own, rival [modified].

    A cluster's sums change by the points that came and went, or are added up anew where there are
    as many of them as members.
    """
    starts, order = grouped(labels, counts)
    members = gathered(aim.points, order)
    some = find_near(aim, sums.near, labels, counts, starts, members, first)
    moved, came, arrivals, went, departures = moves(labels, sums.labels, counts.size)
    found, line = np.empty(sums.near.shape[1], np.int64), np.empty(labels.size)
    total = np.empty(sums.near.shape[1], np.int64)
    for c in range(counts.size):
        near, known, values = sums.near[c], sums.known[c], sums.values[c]
        new, gone = arrivals[came[c] : came[c + 1]], departures[went[c] : went[c + 1]]
        if new.size + gone.size >= counts[c]:
            known[:] = 0
        if new.size + gone.size > 0:
            known &= near
            kept = found[: listed(some, c, near, known, 0, found)]
            change(aim, moved[new], moved[gone], first, kept, values, total, line)
        missing = found[: listed(some, c, near, known, 1, found)]
        complete(aim, members, order, starts[c], starts[c + 1], first, missing, values, line)
        known |= near
    near_means(aim, some, sums, labels, counts, first, own, rival)


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
def listed(some, c, near, known, missing, out):
    """Number of the targets near cluster c whose sum is known, or missing; out [modified]."""
    wanted, have = near.view(np.uint64), known.view(np.uint64)  # eight flags at once
    flip = np.uint64(0x0101010101010101) if missing else np.uint64(0)
    count = 0
    for tile in range(some.shape[0]):
        if some[tile, c]:
            for word in range(tile * (TILE // 8), (tile + 1) * (TILE // 8)):
                if wanted[word] & (have[word] ^ flip) != 0:
                    for i in range(8 * word, 8 * word + 8):
                        if near[i] and known[i] != missing:
                            out[count] = i
                            count += 1
    return count


@inner
def change(aim, new, gone, first, kept, values, total, line):
    """Add the distances to points `new` to the sums of targets `kept`, take away those to `gone`."""
    if aim.matrix.size > 0:
        for p in new:
            row = aim.matrix[p]
            for i in kept:
                values[i] += row[first + i]
        for p in gone:
            row = aim.matrix[p]
            for i in kept:
                values[i] -= row[first + i]
        return
    aims, change = gathered(aim.aims, kept + first), total[: kept.size]
    change[:] = 0
    for p in new:
        add_distances(aims, aim.points[:, p], aim.unit, change, line)
    for p in gone:
        add_distances(aims, aim.points[:, p], -aim.unit, change, line)
    for i in range(kept.size):
        values[kept[i]] += change[i]


@inner
def add_distances(points, point, unit, total, line):
    """Add the distance of each of `points` (d, m) to a point, in units; total (m,) [modified]."""
    if points.shape[0] == 2:  # in one pass: a quarter faster
        x, y, p, q = points[0], points[1], point[0], point[1]
        for i in range(total.size):
            square = (x[i] - p) * (x[i] - p) + (y[i] - q) * (y[i] - q)
            total[i] += np.int64(np.sqrt(square) * unit)
    else:
        squares(points, 0, total.size, point, line)
        away = line[: total.size]
        for i in range(total.size):
            total[i] += np.int64(np.sqrt(away[i]) * unit)


@inner
def complete(aim, members, order, start, stop, first, missing, values, line):
    """Sums of targets `missing` over the members of a cluster, from `start` to `stop`."""
    if aim.matrix.size > 0:
        places = order[start:stop]
        for i in missing:
            row, total = aim.matrix[first + i], np.int64(0)
            for j in range(places.size):
                total += row[places[j]]
            values[i] = total
    else:
        for i in missing:
            values[i] = distances(members, start, stop, aim.aims[:, first + i], aim.unit, line)


@inner
def distances(points, start, stop, point, unit, line):
    """Sum of the distances of `points[:, start:stop]` (d, n) to a point, in units."""
    total = np.int64(0)
    if points.shape[0] == 2:
        x, y, p, q = points[0, start:stop], points[1, start:stop], point[0], point[1]
        for i in range(x.size):
            square = (x[i] - p) * (x[i] - p) + (y[i] - q) * (y[i] - q)
            total += np.int64(np.sqrt(square) * unit)
    else:
        squares(points, start, stop, point, line)
        away = line[: stop - start]
        for i in range(away.size):
            total += np.int64(np.sqrt(away[i]) * unit)
    return total


@inner
def near_means(aim, some, sums, labels, counts, first, own, rival):
    """Mean distance to the own cluster and the least to a near one; own, rival [modified]."""
    mine = np.empty(TILE, np.int64)
    for tile in range(some.shape[0]):
        start, stop = first + tile * TILE, min(first + (tile + 1) * TILE, aim.rows.size)
        if start >= stop:
            return
        for i in range(stop - start):
            mine[i] = labels[aim.rows[start + i]]
        a, b = own[start:stop], rival[start:stop]
        b[:] = np.inf
        for c in range(counts.size):
            if some[tile, c]:
                one, others = 1.0 / counts[c], 1.0 / max(counts[c] - 1, 1)
                flags = sums.near[c, start - first : stop - first]
                row = sums.values[c, start - first : stop - first]
                for i in range(a.size):
                    total = np.float64(row[i])
                    mean = total * one
                    inside = mine[i] == c
                    a[i] = total * others if inside else a[i]
                    b[i] = mean if (not inside) & (flags[i] != 0) & (mean < b[i]) else b[i]
