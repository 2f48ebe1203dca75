"""Which clusters can be the nearest but one of a target, by Jensen's inequality in both directions.

With m the mean of a cluster and V its members' mean squared distance to m, the mean distance of a
point x to the members lies between |x - m| and sqrt(|x - m|**2 + V).
"""

import numpy as np

from ._jit import inlined, inner
from .sums import fill
from .targets import TILE, squares

SLACK = 2.0**-30  # relative to the spread of the data: far above every rounding error


@inlined
def find_near(aim, sums, room, first, stop):
    """Mark for targets `first` to `stop` the clusters whose sums they need: own and near ones.

    room: labels of the targets and members by cluster are there [modified]. sums: near [modified].
    """
    k = room.spreads.size
    near, some, square, limit = sums.near, sums.some, room.square, room.limit
    moments(room, aim.unit)
    for c in range(k):
        fill(near[c], 0)
    for tile in range(some.shape[0]):
        fill(some[tile], 0)
    for start in range(first, stop, TILE):
        end = min(start + TILE, stop)
        own, wanted = room.mine[start - first : end - first], some[(start - first) // TILE]
        for i in range(own.size):
            wanted[own[i]] = 1
        tile = start // TILE
        find_reachable(aim.hubs[tile], aim.reach[tile], room.centers, room.spreads, wanted)
        fill(limit, np.inf)
        for c in range(k):
            if wanted[c]:
                row, spread = square[c], room.spreads[c]
                squares(aim.aims, start, end, room.centers[c], row)
                for i in range(own.size):
                    upper = row[i] + spread
                    closer = (own[i] != c) & (upper < limit[i])
                    limit[i] = upper if closer else limit[i]
        for c in range(k):
            if wanted[c]:
                row, flags = square[c], near[c, start - first : end - first]
                for i in range(flags.size):
                    flags[i] = (own[i] == c) | (row[i] <= limit[i] + SLACK)


@inner
def find_reachable(hub, reach, centers, spreads, wanted):
    """Mark the clusters that can be near a point within `reach` of a hub; wanted (k,) [modified].

    The least upper bound among the other clusters is at most the second least of all.
    """
    least, second = np.inf, np.inf
    for c in range(spreads.size):
        away = length(hub, centers[c])
        upper = np.sqrt((away + reach) * (away + reach) + spreads[c])
        second = min(second, max(least, upper))
        least = min(least, upper)
    for c in range(spreads.size):
        if length(hub, centers[c]) - reach <= second + SLACK and spreads[c] < np.inf:
            wanted[c] = 1


@inner
def length(x, y):
    """Distance of two points (d,)."""
    total = 0.0
    for f in range(x.size):
        total += (x[f] - y[f]) * (x[f] - y[f])
    return np.sqrt(total)


@inlined
def moments(room, unit):
    """Mean of each cluster and its members' mean squared distance to it; room [modified].

    An empty cluster is infinitely wide.
    """
    for c in range(room.spreads.size):
        start, stop = room.starts[c], room.starts[c + 1]
        spread = 0.0 if stop > start else np.inf
        size = unit * max(stop - start, 1)
        for f in range(room.members.shape[0]):
            x = room.members[f, start:stop]
            total, squared = np.int64(0), np.int64(0)  # sums of integers take vectors
            for i in range(x.size):
                total += np.int64(x[i] * unit)
                squared += np.int64(x[i] * x[i] * unit)
            room.centers[c, f] = total / size
            spread += squared / size - (total / size) * (total / size)
        room.spreads[c] = max(spread, 0.0)
