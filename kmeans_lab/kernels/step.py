"""One step of Lloyd's iteration: assign, keep counts and exact sums, relocate, update."""

import numpy as np

from ._jit import apart, lean, trailing_zeros
from .boxes import assign_plane, assign_space
from .certified import assign_certified
from .distance import assign, to_own
from .exact import rounded
from .groups import UNASSIGNED
from .methods import BOXED, CERTIFIED, PLAIN
from .records import LABELS, LOOK

EMPTY = {"relocate": 0, "keep": 1, "fail": 2}
RELOCATE, KEEP, FAIL = range(3)
BITS = 16  # of a label

plane, space, certified = apart(assign_plane), apart(assign_space), apart(assign_certified)
plain, own = apart(assign), apart(to_own)


@lean
def copy(source, target):
    """Copy an array (m,); numba's own assignment would first copy what might overlap."""
    for i in range(source.size):
        target[i] = source[i]


@lean
def begin(state, first_centers):
    """A start before its first step: centers placed, no point assigned."""
    for c in range(first_centers.shape[0]):
        copy(first_centers[c], state.centers[c])
    state.labels[:] = UNASSIGNED
    state.counts[:] = 0
    state.sums[:, :] = 0
    state.touched[:] = True


@lean
def assign_plainly(points, state):
    """Nearest centers and the distances to them, all computed."""
    plain(points.XT, state.centers, state.rival, state.winner, state.nearest, state.distances)


@lean
def own_distances(points, state, labels):
    """Distances to the centers of the labels (n,) alone."""
    own(points.XT, points.X, state.centers, labels, state.distances, state.squares)


@lean
def assign_nearest(points, finder, method, fresh, state):
    """Nearest centers by the method chosen; whether it gave the distances too."""
    if method == BOXED and points.XT.shape[0] < 3:
        plane(finder.boxes, state.centers, fresh, finder.race, state.nearest)
    elif method == BOXED:
        space(finder.boxes, state.centers, fresh, finder.race, state.nearest)
    elif method == CERTIFIED:
        certified(points.XT, finder.fast, finder.work, state.centers, fresh, state.nearest)
    else:
        assign_plainly(points, state)
    return method == PLAIN


@lean
def move(digits, before, after, state):
    """Let a point of these digits (d * L,) leave one cluster and join another."""
    state.counts[before] -= 1
    state.counts[after] += 1
    state.touched[before] = True
    state.touched[after] = True
    left, joined = state.sums[before], state.sums[after]
    for j in range(digits.size):
        left[j] -= digits[j]
        joined[j] += digits[j]


@lean
def enter(digits, label, state):
    """Let a point of these digits (d * L,) join a cluster."""
    state.counts[label] += 1
    total = state.sums[label]
    for j in range(digits.size):
        total[j] += digits[j]


@lean
def enter_in_runs(upto, state):
    """Let every point join the cluster of its nearest center, neighbors at once."""
    nearest, start = state.nearest, 0
    for i in range(1, nearest.size + 1):
        if i == nearest.size or nearest[i] != nearest[start]:
            state.counts[nearest[start]] += i - start
            total, first, last = state.sums[nearest[start]], upto[start], upto[i]
            for j in range(total.size):
                total[j] += last[j] - first[j]
            start = i


@lean
def enter_all(points, state):
    """Let every point join the cluster of its nearest center; gives their number."""
    if points.upto.shape[0] > 1:  # as neighbors in space are neighbors in memory
        enter_in_runs(points.upto, state)
    else:
        for i in range(state.nearest.size):
            enter(points.digits[i], state.nearest[i], state)
    return state.nearest.size


@lean
def differ(before, after):
    """Whether two arrays of words (LOOK,) differ."""
    different = np.uint64(0)
    for i in range(LOOK):
        different |= before[i] ^ after[i]
    return different != 0


@lean
def follow(digits, state):
    """Move the points whose label changed; gives their number, and of how many blocks they are."""
    moved, blocks = 0, 0
    for start in range(0, state.label_words.size, LOOK):
        before = state.label_words[start : start + LOOK]
        after = state.nearest_words[start : start + LOOK]
        if not differ(before, after):
            continue
        state.blocks[blocks] = start
        blocks += 1
        for w in range(LOOK):
            different = np.int64(before[w] ^ after[w])
            while different != 0:
                place = trailing_zeros(different) // BITS
                different &= ~(np.int64(0xFFFF) << (place * BITS))
                i = LABELS * (start + w) + place
                move(digits[i], state.labels[i], state.nearest[i], state)
                moved += 1
    return moved, blocks


@lean
def keep_labels(blocks, state):
    """Take over the labels of the first so many blocks that were noted, or of all where -1."""
    if blocks < 0:
        copy(state.nearest_words, state.label_words)
    for b in range(blocks):
        start = state.blocks[b]
        after = state.nearest_words[start : start + LOOK]
        copy(after, state.label_words[start : start + LOOK])


@lean
def any_empty(counts):
    """Whether a cluster has no member."""
    for c in range(counts.size):
        if counts[c] == 0:
            return True
    return False


@lean
def row_of(rows, i):
    """Row in the data of the point at place i."""
    return rows[i] if rows.size > 0 else i


@lean
def farthest(points, state):
    """The point farthest from its center, the first row of equals, of a cluster of two or more."""
    found = -1
    for i in range(state.nearest.size):
        if state.counts[state.nearest[i]] >= 2 and (
            found < 0
            or state.distances[i] > state.distances[found]
            or (
                state.distances[i] == state.distances[found]
                and row_of(points.rows, i) < row_of(points.rows, found)
            )
        ):
            found = i
    return found


@lean
def relocate(points, state):
    """Each empty cluster, in order, takes the farthest point; gives their number."""
    relocated = 0
    for c in range(state.counts.size):
        if state.counts[c] == 0:
            i = farthest(points, state)
            move(points.digits[i], state.nearest[i], c, state)
            state.nearest[i] = np.uint16(c)
            relocated += 1
    return relocated


@lean
def settle(points, rules, fresh, known, wanted, state):
    """Follow the labels of the assign, then relocate; gives the labels changed and relocated.

    known, wanted: whether the distances to the nearest centers are there, and shall be.
    """
    relocated = 0
    moved, blocks = (enter_all(points, state), -1) if fresh else follow(points.digits, state)
    filling = rules.empty == RELOCATE and any_empty(state.counts)
    if (wanted or filling) and not known:
        own_distances(points, state, state.nearest)
    if filling:
        relocated, moved, blocks = relocate(points, state), 0, -1
        for i in range(state.labels.size):
            moved += state.labels[i] != state.nearest[i]
    keep_labels(blocks, state)
    return moved, relocated


@lean
def take_mean(sums, count, exponents, units, mean, room):
    """Write the mean of so many points to `mean` (d,): exact sums (d * L,), rounded once."""
    if sums.size == mean.size:  # one integer a feature: in vector lanes, 5 times as fast
        for j in range(mean.size):
            mean[j] = np.float64(sums[j]) * units[j] / count
        return
    limbs = sums.size // mean.size
    for j in range(mean.size):
        digits = sums[j * limbs : (j + 1) * limbs]
        mean[j] = rounded(digits, exponents[j], room) / count


@lean
def update(points, measured, state):
    """Move each center to the mean of its members; gives the total squared shift if `measured`."""
    total = 0.0
    for c in range(state.counts.size):
        if state.touched[c] and state.counts[c] > 0:  # an empty cluster keeps its center
            sums, count = state.sums[c], state.counts[c]
            take_mean(sums, count, points.exponents, points.units, state.mean, state.room)
            center = state.centers[c]
            if measured:
                for j in range(center.size):
                    total += (state.mean[j] - center[j]) * (state.mean[j] - center[j])
            copy(state.mean, center)
        state.touched[c] = False
    return total
