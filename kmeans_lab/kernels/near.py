"""Sums of distances to the clusters near each target, kept from partition to partition."""

import numpy as np

from ._jit import inlined, inner
from .additions import add_within, change, complete, gather
from .bounds import find_near
from .groups import by_cluster, grouped
from .sums import fill
from .targets import TILE


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
                add_within(aim, room, c, sums.values[c])
                keep_too(sums, c, room.order[room.starts[c] : room.starts[c + 1]])
        elif new.size + gone.size > 0:
            kept = room.found[: listed(sums.some, c, sums.near[c], sums.known[c], 0, room.found)]
            change(aim, room, new, gone, first, kept, sums.values[c])
            keep_only(sums, c, kept)
        missing = room.found[: listed(sums.some, c, sums.near[c], sums.known[c], 1, room.found)]
        complete(aim, room, c, first, missing, sums.values[c])
        keep_too(sums, c, missing)
    near_means(sums, room, counts, stop - first)


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
