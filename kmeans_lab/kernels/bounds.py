"""Which clusters can be the nearest but one of a target, by Jensen's inequality in both directions.

With m the mean of a cluster and V its members' mean squared distance to m, the mean distance of a
point x to the members lies between |x - m| and sqrt(|x - m|**2 + V).
"""

import numpy as np

from ._jit import inner
from .targets import TILE, squares

SLACK = 2.0**-30  # relative to the spread of the data: far above every rounding error


@inner
def find_near(aim, near, labels, counts, starts, members, first):
    """Mark for each target the clusters whose sums its silhouette needs: its own and the near ones.

    near: (k, T), for targets from `first` on [modified]. Gives which tiles need which, (tiles, k).
    """
    k, m = counts.size, aim.rows.size
    centers, spreads = moments(members, starts, aim.unit)
    some = np.zeros((near.shape[1] // TILE, k), np.uint8)
    square, limit, own = np.empty((k, TILE)), np.empty(TILE), np.full(TILE, -1)
    near[:] = 0
    for tile in range((min(near.shape[1], m - first) + TILE - 1) // TILE):
        start = first + tile * TILE
        stop = min(start + TILE, m)
        wanted = some[tile]
        for i in range(stop - start):
            own[i] = labels[aim.rows[start + i]]
            wanted[own[i]] = 1
        hub, reach = aim.hubs[start // TILE], aim.reach[start // TILE]
        find_reachable(hub, reach, centers, spreads, wanted)
        limit[:] = np.inf
        for c in range(k):
            if wanted[c]:
                squares(aim.aims, start, stop, centers[c], square[c])
                row, spread = square[c], spreads[c]
                for i in range(TILE):
                    upper = row[i] + spread
                    limit[i] = limit[i] if own[i] == c or limit[i] < upper else upper
        for c in range(k):
            if wanted[c]:
                row, flags = square[c], near[c, start - first : stop - first]
                for i in range(flags.size):
                    flags[i] = (own[i] == c) | (row[i] <= limit[i] + SLACK)
    return some


@inner
def find_reachable(hub, reach, centers, spreads, wanted):
    """Mark the clusters that can be near a point within `reach` of a hub; wanted (k,) [modified].

    The least upper bound among the other clusters is at most the second least of all.
    """
    least, second = np.inf, np.inf
    away = np.empty(spreads.size)
    for c in range(spreads.size):
        total = 0.0
        for f in range(hub.size):
            total += (hub[f] - centers[c, f]) * (hub[f] - centers[c, f])
        away[c] = np.sqrt(total)
        upper = np.sqrt((away[c] + reach) * (away[c] + reach) + spreads[c])
        second = min(second, max(least, upper))
        least = min(least, upper)
    for c in range(spreads.size):
        if away[c] - reach <= second + SLACK and spreads[c] < np.inf:
            wanted[c] = 1


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
            spread = 0.0
            for f in range(d):
                x = members[f, starts[c] : starts[c + 1]]
                total, squared = np.int64(0), np.int64(0)  # sums of integers take vectors
                for i in range(x.size):
                    total += np.int64(x[i] * unit)
                    squared += np.int64(x[i] * x[i] * unit)
                centers[c, f] = total / (unit * size)
                spread += squared / (unit * size) - centers[c, f] * centers[c, f]
            spreads[c] = max(spread, 0.0)
    return centers, spreads
