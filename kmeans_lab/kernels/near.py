"""Sums of distances to the clusters near each target, kept from partition to partition."""

import numpy as np

from ._jit import inlined, inner
from .bounds import find_near
from .sums import UNASSIGNED, fill
from .targets import TILE, squares
from .widths import grouped


@inlined
def keep_near(aim, sums, room, labels, counts, first):
    """Mean distances of the targets from `first` on to their own cluster and to the nearest other.

    A cluster's sums change by the points that came and went, or are added up anew where there are
    as many of them as members. Into own and rival of `room`; sums [modified].
    """
    stop = min(first + sums.near.shape[1], aim.rows.size)
    for i in range(stop - first):
        room.mine[i] = labels[aim.rows[first + i]]
    grouped(labels, counts, room.starts, room.order)
    gather(aim.points, room.order, 0, room.members)
    find_near(aim, sums, room, first, stop)
    moved = moves(labels, sums.labels)
    came, arrivals = by_cluster(moved, labels, counts.size)
    went, departures = by_cluster(moved, sums.labels, counts.size)
    for c in range(counts.size):
        new, gone = arrivals[came[c] : came[c + 1]], departures[went[c] : went[c + 1]]
        if new.size + gone.size >= counts[c]:
            forget(sums, c)
            if stop - first == labels.size and aim.matrix.size == 0:
                add_within(aim, sums, room, c)
        elif new.size + gone.size > 0:
            kept = room.found[: listed(sums.some, c, sums.near[c], sums.known[c], 0, room.found)]
            change(aim, room, new, gone, first, kept, sums.values[c])
            keep_only(sums, c, kept)
        missing = room.found[: listed(sums.some, c, sums.near[c], sums.known[c], 1, room.found)]
        complete(aim, room, c, first, missing, sums.values[c])
        keep_too(sums, c, missing)
    near_means(sums, room, counts, stop - first)


@inner
def gather(points, order, first, out):
    """Columns `order` of `points` (d, n), counted from `first`, into out (d, n) [modified]."""
    for f in range(points.shape[0]):
        source, goal = points[f], out[f]
        for i in range(order.size):
            goal[i] = source[first + order[i]]


@inner
def moves(labels, last):
    """Points whose label changed."""
    moved, count = np.empty(labels.size, np.int64), 0
    for i in range(labels.size):
        if labels[i] != last[i]:
            moved[count] = i
            count += 1
    return moved[:count]


@inner
def by_cluster(points, labels, k):
    """Some points by their cluster: where each begins (k + 1,), and the points, in order."""
    starts, order = np.zeros(k + 2, np.int64), np.empty(points.size, np.int64)
    for i in points:
        if labels[i] != UNASSIGNED:
            starts[labels[i] + 2] += 1
    for c in range(k):
        starts[c + 2] += starts[c + 1]
    for i in points:
        if labels[i] != UNASSIGNED:
            order[starts[labels[i] + 1]] = i
            starts[labels[i] + 1] += 1
    return starts[: k + 1], order


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
def forget(sums, c):
    """No sum to cluster c is known."""
    fill(sums.known[c], 0)


@inner
def keep_only(sums, c, kept):
    """The sums to cluster c of targets `kept` are known, no others."""
    fill(sums.known[c], 0)
    keep_too(sums, c, kept)


@inner
def keep_too(sums, c, more):
    """The sums to cluster c of targets `more` are known too."""
    known = sums.known[c]
    for i in more:
        known[i] = 1


@inlined
def add_within(aim, sums, room, c):
    """Sums of all members of cluster c over its members: every pair once, for both."""
    start, stop = room.starts[c], room.starts[c + 1]
    total, order, values = room.total[: stop - start], room.order[start:stop], sums.values[c]
    fill(total, 0)
    for i in range(total.size):
        later = total[i + 1 :]
        point = aim.aims[:, order[i]]
        total[i] += add_both(room.members, room.line, start + i + 1, point, aim.unit, later)
        values[order[i]] = total[i]
    keep_too(sums, c, order)


@inner
def add_both(members, line, start, point, unit, total):
    """Add the distances of members from `start` on to a point, and give their sum."""
    own, stop = np.int64(0), start + total.size
    if point.size == 2:
        x, y, p, q = members[0, start:stop], members[1, start:stop], point[0], point[1]
        for i in range(x.size):
            square = (x[i] - p) * (x[i] - p) + (y[i] - q) * (y[i] - q)
            length = np.int64(np.sqrt(square) * unit)
            total[i] += length
            own += length
    else:
        away = line[: total.size]
        squares(members, start, stop, point, away)
        for i in range(away.size):
            length = np.int64(np.sqrt(away[i]) * unit)
            total[i] += length
            own += length
    return own


@inlined
def change(aim, room, new, gone, first, kept, values):
    """Add the distances to points `new` to sums of targets `kept`, take away those to `gone`."""
    total = room.total[: kept.size]
    fill(total, 0)
    if aim.matrix.size > 0:
        for p in new:
            add_row(aim.matrix[p, first:], kept, 1, total)
        for p in gone:
            add_row(aim.matrix[p, first:], kept, -1, total)
    else:
        gather(aim.aims, kept, first, room.near)
        for p in new:
            add_distances(room.near, room.line, aim.points[:, p], aim.unit, total)
        for p in gone:
            add_distances(room.near, room.line, aim.points[:, p], -aim.unit, total)
    for i in range(kept.size):
        values[kept[i]] += total[i]


@inner
def add_row(row, kept, sign, total):
    """Add a row of distances to the totals of the targets `kept`, or take it away."""
    for i in range(kept.size):
        total[i] += sign * row[kept[i]]


@inner
def add_distances(near, line, point, unit, total):
    """Add the distances of the points `near` (d, T) to a point, in units; total [modified]."""
    if point.size == 2:  # in one pass: a quarter faster
        x, y, p, q = near[0], near[1], point[0], point[1]
        for i in range(total.size):
            square = (x[i] - p) * (x[i] - p) + (y[i] - q) * (y[i] - q)
            total[i] += np.int64(np.sqrt(square) * unit)
    else:
        away = line[: total.size]
        squares(near, 0, total.size, point, away)
        for i in range(total.size):
            total[i] += np.int64(np.sqrt(away[i]) * unit)


@inlined
def complete(aim, room, c, first, missing, values):
    """Sums of targets `missing` over the members of cluster c."""
    start, stop = room.starts[c], room.starts[c + 1]
    for i in missing:
        if aim.matrix.size > 0:
            values[i] = row_sum(aim.matrix[first + i], room.order[start:stop])
        else:
            values[i] = distances(
                room.members, room.line, start, stop, aim.aims[:, first + i], aim.unit
            )


@inner
def row_sum(row, places):
    """Sum of a row at some places."""
    total = np.int64(0)
    for j in range(places.size):
        total += row[places[j]]
    return total


@inner
def distances(members, line, start, stop, point, unit):
    """Sum of the distances of members `start` to `stop` to a point, in units."""
    total = np.int64(0)
    if point.size == 2:
        x, y, p, q = members[0, start:stop], members[1, start:stop], point[0], point[1]
        for i in range(x.size):
            square = (x[i] - p) * (x[i] - p) + (y[i] - q) * (y[i] - q)
            total += np.int64(np.sqrt(square) * unit)
    else:
        away = line[: stop - start]
        squares(members, start, stop, point, away)
        for i in range(away.size):
            total += np.int64(np.sqrt(away[i]) * unit)
    return total


@inlined
def near_means(sums, room, counts, size):
    """Divide the sums that are near by the numbers of members."""
    fill(room.rival, np.inf)
    for tile in range(sums.some.shape[0]):
        start, stop = tile * TILE, min((tile + 1) * TILE, size)
        own, rival, mine = room.own[start:stop], room.rival[start:stop], room.mine[start:stop]
        for c in range(counts.size):
            if sums.some[tile, c]:
                one, others = 1.0 / counts[c], 1.0 / max(counts[c] - 1, 1)
                flags, row = sums.near[c, start:stop], sums.values[c, start:stop]
                for i in range(own.size):
                    total = np.float64(row[i])
                    mean = total * one
                    inside = mine[i] == c
                    own[i] = total * others if inside else own[i]
                    closer = (not inside) & (flags[i] != 0) & (mean < rival[i])
                    rival[i] = mean if closer else rival[i]
