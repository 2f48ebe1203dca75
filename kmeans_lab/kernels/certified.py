"""The nearest center found in float32, and proven to be the one that float64 finds.

With y = (x - m) s and b = (c - m) s, m the mean of the data and s a power of two that brings all y
within 1, |y - b|^2 = |y|^2 - 2 (y.b - |b|^2 / 2): the nearest center has the highest score
y.b - |b|^2 / 2. With u = 2^-24 and g(n) = n u / (1 - n u), a float32 score is wrong by at most
    2 u |y||b| + u^2 |y||b|                  y and b rounded to float32
    g(d+1) (|y||b| + |b|^2 / 2)              d products and d + 1 sums in any order, fused or not
    u |b|^2 / 2                              |b|^2 / 2 rounded to float32
    (d+2) 2^-53 (|y|^2 + |b|^2)              what float64 makes of half of |x - c|^2 itself
    d 2^-70                                  all that underflows, while |b| < 2^40 and s <= 2^500
(Higham, Accuracy and stability of numerical algorithms, section 3.1), so with B the largest |b| by
at most e (|y| B + B^2) + (d+2) 2^-52 |y|^2 + d 2^-70, e = g(d+6). A point whose highest score leads
by more than twice that has its label; `distance.assign` labels the others, some in 10 000.

By how much nearer a point's center is than any other is kept as its lead, and shrinks in a step by
no more than its center's drift and the largest drift of another (Hamerly, Making k-means even
faster, 2010). While it is positive the label stands. The others are gathered into tiles.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import inner, readonly
from .distance import BLOCK, F1, assign
from .tiles import TILE, contest, width

FAR = 2.0**100  # half the squared norm of no center: fills groups, never nearest
REACH = 2.0**40  # norms of centers beyond it prove nothing
ROUND = np.float32(1 + 2.0**-20)  # more than some roundings of float32 lose
SHRINK = np.float32(1 - 2.0**-20)
ZERO = np.float32(0)
CHUNK = 64  # tiles between two looks at what to do: a call of Numba's costs as much as a tile
FEW = 40  # a point costs as much gathered as alone with so many centers more


class Fast(NamedTuple):
    """A data set in float32, moved and scaled, in tiles; read-only, shared by all threads."""

    tiles: NDArray[np.float32]  # (T, d, TILE), the last filled with zeros
    norms: NDArray[np.float32]  # (T * TILE,), no less than each point's norm
    mean: NDArray[np.float64]  # (d,)
    scale: NDArray[np.float64]  # (1,), a power of two


class Work(NamedTuple):
    """What one start after another knows of n points and k centers; a thread's own."""

    centers: NDArray[np.float64]  # (k, d), those of the last step
    groups: NDArray[np.float32]  # (G, d, w), moved and scaled
    halves: NDArray[np.float32]  # (G, w), half their squared norms
    drifts: NDArray[np.float32]  # (k,), how far each and its rivals can have approached
    limits: NDArray[np.float32]  # (4,), see `set_limits`
    nearest: NDArray[np.int32]  # (T * TILE,), of each point
    leads: NDArray[np.float32]  # (T * TILE,)
    tiles: NDArray[np.float32]  # (CHUNK, d, TILE), gathered points
    norms: NDArray[np.float32]  # (CHUNK * TILE,)
    members: NDArray[np.int64]  # (CHUNK * TILE,), who they are
    best: NDArray[np.float32]  # (CHUNK, TILE), highest scores of a chunk
    second: NDArray[np.float32]  # (CHUNK, TILE)
    which: NDArray[np.int32]  # (CHUNK, TILE), whose are the highest
    lead: NDArray[np.float32]  # (CHUNK * TILE,)
    open: NDArray[np.int64]  # (BLOCK,), points that float32 cannot decide
    columns: NDArray[np.float64]  # (d * BLOCK,), of them
    labels: NDArray[np.uint16]  # (BLOCK,)
    distances: NDArray[np.float64]  # (BLOCK,)


FAST = types.NamedTuple([readonly(types.float32, 3), readonly(types.float32, 1), F1, F1], Fast)
WORK = types.NamedTuple(
    [types.float64[:, ::1], types.float32[:, :, ::1], types.float32[:, ::1]]
    + [types.float32[::1]] * 2
    + [types.int32[::1], types.float32[::1], types.float32[:, :, ::1], types.float32[::1]]
    + [types.int64[::1], types.float32[:, ::1], types.float32[:, ::1], types.int32[:, ::1]]
    + [types.float32[::1]]
    + [types.int64[::1], types.float64[::1], types.uint16[::1], types.float64[::1]],
    Work,
)


def fast(X: NDArray[np.float64]) -> Fast:
    """`X` (n, d) as `assign_certified` wants it beside float64. Validation is assumed."""
    n, d = X.shape
    mean = X.mean(axis=0)
    largest = max(float(np.abs(column - m).max()) for column, m in zip(X.T, mean, strict=True))
    scale = 2.0 ** (min(-int(np.frexp(largest)[1]), 500) if largest > 0 else 0)
    tiles = np.zeros((-(-n // TILE), d, TILE), np.float32)
    norms = np.zeros((len(tiles), TILE), np.float32)
    for t in range(len(tiles)):
        y = (X[t * TILE : (t + 1) * TILE] - mean) * scale
        tiles[t, :, : len(y)] = y.T
        norms[t, : len(y)] = np.sqrt((y * y).sum(axis=1)) * (1 + 2.0**-20)
    parts = (tiles, norms.ravel(), mean, np.array([scale]))
    for part in parts:
        part.setflags(write=False)
    return Fast(*parts)


def workspace(n: int, d: int, k: int) -> Work:
    """Room for starts with k centers on n points of d features."""
    w = width(k)
    tiles, groups = -(-n // TILE), -(-k // w)
    f4 = np.float32
    return Work(
        centers=np.zeros((k, d)),
        groups=np.zeros((groups, d, w), f4),
        halves=np.full((groups, w), FAR, f4),
        drifts=np.zeros(k, f4),
        limits=np.zeros(4, f4),
        nearest=np.zeros(tiles * TILE, np.int32),
        leads=np.zeros(tiles * TILE, f4),
        tiles=np.zeros((CHUNK, d, TILE), f4),
        norms=np.zeros(CHUNK * TILE, f4),
        members=np.zeros(CHUNK * TILE, np.int64),
        best=np.zeros((CHUNK, TILE), f4),
        second=np.zeros((CHUNK, TILE), f4),
        which=np.zeros((CHUNK, TILE), np.int32),
        lead=np.zeros(CHUNK * TILE, f4),
        open=np.zeros(BLOCK, np.int64),
        columns=np.zeros(d * BLOCK),
        labels=np.zeros(BLOCK, np.uint16),
        distances=np.zeros(BLOCK),
    )


@inner
def follow(fast, work, centers, fresh):
    """Take over the centers of a step: in float32, how far they drifted, what scores can prove."""
    k, d = centers.shape
    w = work.halves.shape[1]
    scale, largest = fast.scale[0], 0.0
    for c in range(k):
        norm, moved = 0.0, 0.0
        for j in range(d):
            b = (centers[c, j] - fast.mean[j]) * scale
            step = (centers[c, j] - work.centers[c, j]) * scale
            work.groups[c // w, j, c % w] = np.float32(b)
            work.centers[c, j] = centers[c, j]
            norm += b * b
            moved += step * step
        work.halves[c // w, c % w] = np.float32(0.5 * norm)
        work.drifts[c] = np.float32((np.sqrt(moved) + 2.0**-100) * (1 + 2.0**-20))
        largest = max(largest, norm)
    add_rival_drifts(work.drifts)
    set_limits(work.limits, d, largest)
    if fresh:
        work.leads[:] = np.float32(-1)
        work.drifts[:] = ZERO


@inner
def add_rival_drifts(drifts):
    """Add to each drift the largest of the others [modified]."""
    most, second = ZERO, ZERO
    for drift in drifts:
        second = max(second, min(most, drift))
        most = max(most, drift)
    for c in range(drifts.size):
        drifts[c] = (drifts[c] + (second if drifts[c] == most else most)) * ROUND


@inner
def set_limits(limits, d, largest):
    """What can be proven with centers whose squared norms are at most `largest`.

    Twice the error of a score is at most limits[0] + limits[1] |y| + limits[2] |y|^2, and a lead
    of more than limits[3] is one in float64 too.
    """
    reach = np.sqrt(largest) * (1 + 2.0**-20) if largest < REACH * REACH else np.inf
    unit = (d + 6) * 2.0**-24
    e = unit / (1 - unit) if unit < 0.5 else np.inf
    strict = (d + 2) * 2.0**-52
    limits[0] = np.float32(2.001 * (e * reach * reach + d * 2.0**-70))
    limits[1] = np.float32(2.001 * e * reach)
    limits[2] = np.float32(2.001 * strict)
    limits[3] = np.float32(2.001 * strict * (np.sqrt(d) + reach) + d * 2.0**-35)


@inner
def judge(limits, norms, best, second, leads):
    """Leads of contested points; 0 where nothing is proven.

    norms, best, second: (m,). leads: (m,) [modified].
    """
    l0, l1, l2 = limits[0], limits[1], limits[2]
    for i in range(leads.size):
        y = norms[i]
        limit = l0 + l1 * y + l2 * y * y
        ahead = (best[i] - second[i]) * SHRINK - limit * ROUND
        square = y * y * ROUND + limit
        near = np.sqrt(max(square - (best[i] + best[i]), ZERO))
        far = np.sqrt(max(square - (second[i] + second[i]), ZERO))
        leads[i] = (ahead + ahead) / (near + far) * SHRINK if ahead > ZERO else ZERO


@inner
def decide(work, tiles, first, number, norms, leads):
    """Contest the points of so many tiles and judge them; gives whether all is proven."""
    for t in range(number):
        contest(tiles, first + t, work.groups, work.halves, work.best, work.second, work.which, t)
    best = work.best.reshape(work.best.size)
    second = work.second.reshape(work.second.size)
    judge(work.limits, norms, best, second, leads)
    return count_open(leads, ZERO) == 0


@inner
def count_open(leads, margin):
    """How many leads are not above a margin."""
    count = 0
    for i in range(leads.size):
        count += not leads[i] > margin
    return count


@inner
def shrink(drifts, nearest, leads):
    """Take the drifts off the leads [modified]."""
    for i in range(leads.size):
        leads[i] = leads[i] * SHRINK - drifts[nearest[i]]


@inner
def ask_float64(XT, work, centers, number):
    """Label the first `number` open points by the law itself."""
    d = XT.shape[0]
    points = work.columns[: d * number].reshape(d, number)
    for j in range(d):
        for i in range(number):
            points[j, i] = XT[j, work.open[i]]
    assign(points, centers, work.labels[:number], work.distances[:number])
    for i in range(number):
        work.nearest[work.open[i]] = np.int32(work.labels[i])


@inner
def note_open(XT, work, centers, members, opened):
    """Note which points are not decided, ask when they are many; gives how many are noted."""
    for member in members:
        if not work.leads[member] > ZERO:
            work.open[opened] = member
            opened += 1
            if opened == BLOCK:
                ask_float64(XT, work, centers, opened)
                opened = 0
    return opened


@inner
def decide_gathered(XT, work, centers, gathered, opened):
    """Label the gathered points anew; gives how many points are noted."""
    number = (gathered + TILE - 1) // TILE
    decide(work, work.tiles, 0, number, work.norms[: number * TILE], work.lead[: number * TILE])
    which = work.which.reshape(work.which.size)
    for g in range(gathered):
        work.nearest[work.members[g]] = which[g]
        work.leads[work.members[g]] = work.lead[g]
    return note_open(XT, work, centers, work.members[:gathered], opened)


@inner
def gather(fast, work, start, stop, gathered):
    """Copy the points from `start` to `stop` whose labels no longer stand; gives how many are."""
    margin, before = work.limits[3], gathered
    for i in range(start, stop):
        work.members[gathered] = i  # overwritten by the next one where it stands: no branch
        gathered += not work.leads[i] > margin
    for g in range(before, gathered):
        i = work.members[g]
        for j in range(work.tiles.shape[1]):
            work.tiles[g // TILE, j, g % TILE] = fast.tiles[i // TILE, j, i % TILE]
        work.norms[g] = fast.norms[i]
    return gathered


@inner
def assign_certified(XT, fast, work, centers, fresh, labels):
    """Label each point with its nearest center: what `distance.assign` gives.

    XT: (d, n). centers: (k, d). fresh: whether nothing is to be used of the step before.
    labels: (n,) [modified]. work: [modified].
    """
    follow(fast, work, centers, fresh)
    n, k = XT.shape[1], centers.shape[0]
    gathered, opened = 0, 0
    for first in range(0, fast.tiles.shape[0], CHUNK):
        number = min(CHUNK, fast.tiles.shape[0] - first)
        start, stop = first * TILE, (first + number) * TILE
        leads, nearest = work.leads[start:stop], work.nearest[start:stop]
        shrink(work.drifts, nearest, leads)
        fallen = count_open(leads, work.limits[3])
        if fallen * (k + FEW) > leads.size * k:
            norms = fast.norms[start:stop]
            proven = decide(work, fast.tiles, first, number, norms, leads)
            nearest[:] = work.which.reshape(work.which.size)[: leads.size]
            if not proven:
                opened = note_open(XT, work, centers, range(start, min(stop, n)), opened)
        elif fallen > 0:
            if gathered + fallen >= work.members.size:
                opened = decide_gathered(XT, work, centers, gathered, opened)
                gathered = 0
            gathered = gather(fast, work, start, min(stop, n), gathered)
    if gathered > 0:
        opened = decide_gathered(XT, work, centers, gathered, opened)
    if opened > 0:
        ask_float64(XT, work, centers, opened)
    for i in range(n):
        labels[i] = np.uint16(work.nearest[i])
