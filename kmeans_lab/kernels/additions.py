"""Distances added up, as whole numbers of units: from the matrix where it is kept, or computed."""

import numpy as np

from ._jit import inlined, inner
from .sums import fill
from .targets import squares


@inner
def gather(points, order, first, out):
    """Columns `order` of `points` (d, n), counted from `first`, into out (d, n) [modified]."""
    for f in range(points.shape[0]):
        source, goal = points[f], out[f]
        for i in range(order.size):
            goal[i] = source[first + order[i]]


@inlined
def add_within(aim, room, c, values):
    """Sums of all members of cluster c over its members: every pair once, for both."""
    start, stop = room.starts[c], room.starts[c + 1]
    total, order = room.total[: stop - start], room.order[start:stop]
    fill(total, 0)
    for i in range(total.size):
        later = total[i + 1 :]
        point = aim.aims[:, order[i]]
        total[i] += add_both(room.members, room.line, start + i + 1, point, aim.unit, later)
        values[order[i]] = total[i]


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
