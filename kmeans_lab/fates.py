"""The forest that the starts of a cell make: where they merge, and when it shows where they end.

A step leads from one partition to the next, whatever start came there, so the ways of all starts
are a forest: its trees are basins, their roots optima, and two starts that meet go on as one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kernels.partitions import canonical

__all__ = ["Fates", "Ways", "fates", "ways"]

WORK = 2e10  # multiplications that may be spent on comparing partitions with optima
BLOCK = 1 << 22  # entries of a table of overlaps


class Fates(NamedTuple):
    """What became of R converged starts, as many of the first as could be compared."""

    runs: NDArray[np.int64]  # (R,), ids
    steps: NDArray[np.int64]  # (R,), made
    merged: NDArray[np.int64]  # (R,), first step at which another start was, at any of its; 0: none
    sealed: NDArray[np.int64]  # (R,), first step from which on its end is the nearest optimum
    partitions: int  # different ones that the starts came through
    optima: int  # that they ended in
    nodes: NDArray[np.int64]  # (S,), partition after each step, start after start, from 0


class Ways(NamedTuple):
    """The ways of starts by step, each field with E rows; starts that have met share a row.

    A row leads from one step to a later one: to the next, or after the end of some starts, their
    inertia unchanged, to where more end in the same optimum.
    """

    steps: NDArray[np.int64]  # (E, 2)
    inertia: NDArray[np.float64]  # (E, 2), of these steps
    starts: NDArray[np.int64]  # (E,), that go this way
    end: NDArray[np.int64]  # (E,), partition they end in, as in `Fates.nodes`
    sealed: NDArray[np.bool_]  # (E,), whether their fate is, by the first of the two steps


def fates(
    runs: NDArray[np.int64], iteration: NDArray[np.int64], labels: NDArray[np.integer], k: int
) -> Fates:
    """When starts meet, and from which step on the optimum nearest to each is the one it ends in.

    runs, iteration: (S,), of the steps of converged starts, each start's from 1 on without a gap.
    labels: (S, n), after each step. Nearest is the optimum of the highest adjusted Rand index with
    the step's partition, among those that these starts end in; on a tie the one whose start came
    first. Source of the index: Hubert & Arabie, Comparing partitions (1985), eq. 5.
    """
    order = np.lexsort((iteration, runs))
    ids, first, steps = np.unique(runs[order], return_index=True, return_counts=True)
    R = len(ids)
    while R:
        rows = order[: first[R - 1] + steps[R - 1]]
        distinct, node = _nodes(labels[rows])
        last = first[:R] + steps[:R] - 1
        ends = list(dict.fromkeys(node[last].tolist()))
        if R == 1 or len(distinct) * len(ends) * float(distinct.shape[1] * k * k) <= WORK:
            break
        R //= 2
    else:
        return Fates(ids, steps, steps, steps, 0, 0, steps)
    owner = np.repeat(np.arange(R), steps[:R])
    nearest = np.array(ends)[_agreement(distinct, distinct[ends], k).argmax(axis=1)]
    astray = nearest[node] != np.repeat(node[last], steps[:R])
    step = np.arange(len(node)) - np.repeat(first[:R], steps[:R]) + 1
    sealed = 1 + np.maximum.reduceat(np.where(astray, step, 0), first[:R])
    merged = _first(_shared(owner, node), step, first[:R])
    return Fates(ids[:R], steps[:R], merged, sealed, len(distinct), len(ends), node)


def ways(
    steps: NDArray[np.int64],
    nodes: NDArray[np.int64],
    sealed: NDArray[np.int64],
    inertia: NDArray[np.float64],
    last: int,
) -> Ways:
    """The ways of R starts up to the step `last`.

    steps, sealed: (R,), as in Fates. nodes, inertia: (S,), of each step, start after start. Starts
    go one way from a step on whose partitions were one the step before, since so are their centers.
    """
    owner = np.repeat(np.arange(steps.size), steps)
    first = np.cumsum(steps) - steps
    step = np.arange(owner.size) - first[owner] + 1
    end = nodes[first + steps - 1]
    before = np.where(step == 1, -1 - owner, np.roll(nodes, 1))
    on = np.flatnonzero((step < steps[owner]) & (step < last))
    keys = np.stack([step[on], before[on], nodes[on]])
    _, chosen, counts = np.unique(keys, axis=1, return_index=True, return_counts=True)
    rows = on[chosen]
    moving = Ways(
        np.stack([step[rows], step[rows] + 1], axis=1),
        np.stack([inertia[rows], inertia[rows + 1]], axis=1),
        counts,
        end[owner[rows]],
        sealed[owner[rows]] <= step[rows],
    )
    resting = _resting(steps, end, inertia[first + steps - 1], last)
    return Ways(*(np.concatenate(both) for both in zip(moving, resting, strict=True)))


def _resting(
    steps: NDArray[np.int64], end: NDArray[np.int64], inertia: NDArray[np.float64], last: int
) -> Ways:
    """Rows of the starts that have ended, from where the next ones join them to the next."""
    order = np.lexsort((steps, end))
    order = order[steps[order] < last]
    keys, first, counts = np.unique(
        np.stack([end[order], steps[order]]), axis=1, return_index=True, return_counts=True
    )
    ends, begins = keys
    anew = np.r_[True, np.diff(ends) > 0]
    until = np.where(np.r_[anew[1:], True], last, np.r_[begins[1:], last])
    so_far = np.cumsum(counts)
    base = np.maximum.accumulate(np.where(anew, so_far - counts, 0))
    levels = np.repeat(inertia[order][first][:, None], 2, axis=1)
    pairs = np.stack([begins, until], axis=1)
    return Ways(pairs, levels, so_far - base, ends, np.ones(ends.size, bool))


def _nodes(labels: NDArray[np.integer]) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """The different partitions (M, n) among the rows, in the order they appear, and each row's."""
    rows = np.ascontiguousarray(canonical(labels.astype(np.uint16)))
    keys = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
    _, first, of = np.unique(keys, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return rows[np.sort(first)], rank[of.ravel()]


def _shared(owner: NDArray[np.int64], node: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which steps (S,) are at a partition that more than one start was at."""
    visits = np.unique(np.stack([node, owner]), axis=1)
    return np.bincount(visits[0])[node] > 1


def _first(
    true: NDArray[np.bool_], step: NDArray[np.int64], begins: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The first step of each start at which something is true; 0 where it never is."""
    never = np.iinfo(np.int64).max
    found = np.minimum.reduceat(np.where(true, step, never), begins)
    return np.where(found == never, 0, found)


def _agreement(
    labels: NDArray[np.uint16], others: NDArray[np.uint16], k: int
) -> NDArray[np.float64]:
    """Adjusted Rand index (M, P) of each partition (M, n) with each other one (P, n)."""
    (M, n), P = labels.shape, len(others)
    theirs = _members(others, k).reshape(P * k, n)
    size = max(1, BLOCK // max(P * k * k, n * k))
    parts = []
    for begin in range(0, M, size):
        mine = _members(labels[begin : begin + size], k)
        overlap = mine.reshape(-1, n) @ theirs.T  # whole numbers, so exact in float32
        tables = overlap.reshape(len(mine), k, P, k).astype(np.float64)
        parts.append(_adjusted(tables, n))
    return np.concatenate(parts)


def _members(labels: NDArray[np.uint16], k: int) -> NDArray[np.float32]:
    """1 where a point is in a cluster, else 0: (M, k, n)."""
    mine: NDArray[np.bool_] = labels[:, None, :] == np.arange(k)[:, None]
    return mine.astype(np.float32)


def _adjusted(tables: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Adjusted Rand index (M, P) from tables of overlaps (M, k, P, k)."""
    together = (tables * (tables - 1)).sum(axis=(1, 3))
    ours, theirs = tables.sum(axis=3), tables.sum(axis=1)  # (M, k, P), (M, P, k)
    a, b = (ours * (ours - 1)).sum(axis=1), (theirs * (theirs - 1)).sum(axis=2)
    chance = a * b / max(n * (n - 1), 1)
    room = (a + b) / 2 - chance
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(room == 0, 1.0, (together - chance) / room)
