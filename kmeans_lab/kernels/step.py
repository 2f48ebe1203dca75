"""One step of Lloyd's iteration: assign, keep counts and exact sums, relocate, update."""

import numpy as np

from ._jit import apart, lean
from .boxes import assign_plane, assign_space
from .certified import assign_certified
from .distance import assign, to_own
from .exact import rounded
from .methods import BOXED, CERTIFIED, PLAIN

EMPTY = {"relocate": 0, "keep": 1, "fail": 2}
RELOCATE, KEEP, FAIL = range(3)
UNASSIGNED = np.uint16(65535)
LOOK = 64  # labels compared before any of them is looked at

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
def shift(digits, counts, sums, label, sign):
    """Add (sign 1) or take away (-1) a point's digits (d * L,) and count of a cluster."""
    counts[label] += sign
    total = sums[label]
    for j in range(digits.size):
        total[j] += sign * digits[j]


@lean
def differ(before, after):
    """Whether two label arrays of up to BLOCK points differ, four labels a comparison."""
    different = np.uint64(0)
    if before.size == LOOK:
        a, b = before.view(np.uint64), after.view(np.uint64)
        for i in range(LOOK // 4):
            different |= a[i] ^ b[i]
        return different != 0
    for i in range(before.size):
        different |= np.uint64(before[i] ^ after[i])
    return different != 0


@lean
def follow(digits, fresh, state):
    """Move the points whose label changed from cluster to cluster; gives their number."""
    moved = 0
    for start in range(0, state.labels.size, LOOK):
        before, after = state.labels[start : start + LOOK], state.nearest[start : start + LOOK]
        if not fresh and not differ(before, after):
            continue
        for i in range(before.size):
            if before[i] != after[i]:
                if not fresh:
                    shift(digits[start + i], state.counts, state.sums, before[i], -1)
                    state.touched[before[i]] = True
                shift(digits[start + i], state.counts, state.sums, after[i], 1)
                state.touched[after[i]] = True
                moved += 1
    return moved


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
            shift(points.digits[i], state.counts, state.sums, state.nearest[i], -1)
            shift(points.digits[i], state.counts, state.sums, c, 1)
            state.touched[state.nearest[i]] = True
            state.touched[c] = True
            state.nearest[i] = np.uint16(c)
            relocated += 1
    return relocated


@lean
def settle(points, rules, fresh, known, wanted, state):
    """Follow the labels of the assign, then relocate; gives the labels changed and relocated.

    known, wanted: whether the distances to the nearest centers are there, and shall be.
    """
    moved, relocated = follow(points.digits, fresh, state), 0
    filling = rules.empty == RELOCATE and any_empty(state.counts)
    if (wanted or filling) and not known:
        own(points.XT, state.centers, state.nearest, state.distances)
    if filling:
        relocated = relocate(points, state)
        moved = 0
        for i in range(state.labels.size):
            moved += state.labels[i] != state.nearest[i]
    if moved > 0:
        copy(state.nearest, state.labels)
    return moved, relocated


@lean
def update(points, state):
    """Move each center to the mean of its members; gives the total squared shift."""
    total, limbs = 0.0, state.sums.shape[1] // state.centers.shape[1]
    for c in range(state.counts.size):
        if state.touched[c] and state.counts[c] > 0:  # an empty cluster keeps its center
            for j in range(state.centers.shape[1]):
                sums = state.sums[c, j * limbs : (j + 1) * limbs]
                mean = rounded(sums, points.exponents[j], state.room) / state.counts[c]
                total += (mean - state.centers[c, j]) * (mean - state.centers[c, j])
                state.centers[c, j] = mean
        state.touched[c] = False
    return total
