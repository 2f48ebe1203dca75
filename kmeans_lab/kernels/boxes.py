"""Nearest centers of points in boxes: most boxes can have one center only and are labeled whole.

Kanungo et al., An efficient k-means clustering algorithm (2002), section 2: a center is out of the
race for a box if all of the box is closer to another center, which one vertex of it decides. Their
tree is flattened to two levels here, and the boxes lie in the vector lanes. A box whose runners
are those of the step before, and where they were, keeps its labels.
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import bare, kernel, lean, trailing_zeros
from .distance import F2
from .places import BOXES, GROUP, Boxes

BITS = 62  # centers in a word of bits
ROUNDING = 2.0**-47  # 64 units of rounding; see `margin`
TINY = 1e-290  # more than underflow takes away


class Race(NamedTuple):
    """Who was in the race at the last step, and room to find it out."""

    centers: NDArray[np.float64]  # (k, D), those of the last step
    runners: NDArray[np.int64]  # (words, groups), bits of the centers in the race for a group
    now: NDArray[np.int64]  # (words, GROUP * ceil(groups / GROUP)), the same of this step
    changed: NDArray[np.int64]  # (words,), bits of the centers that moved since
    box_runners: NDArray[np.int64]  # (boxes,), bits of its group's runners; 0: look again
    box_now: NDArray[np.int64]  # (GROUP,), the same of this step
    leader: NDArray[np.int64]  # (GROUP,), the center nearest to a box's middle
    room: NDArray[np.float64]  # (1 + D, GROUP), distance to it, and its coordinates
    everyone: NDArray[np.int64]  # (k,), 0 … k - 1
    listed: NDArray[np.int64]  # (2, k), a group's and a box's runners
    best: NDArray[np.float64]  # (size,)
    winner: NDArray[np.int64]  # (size,)


I1, I2 = types.int64[::1], types.int64[:, ::1]
G1, G2 = types.float64[::1], types.float64[:, ::1]
RACE = types.NamedTuple([G2, I2, I2, I1, I1, I1, I1, G2, I1, I2, G1, I1], Race)


def race(boxes: Boxes, k: int) -> Race:
    """A race not yet run."""
    chunks, D, _ = boxes.group_low.shape
    words, size = -(-k // BITS), boxes.points.shape[2]
    return Race(
        centers=np.zeros((k, D)),
        runners=np.zeros((words, len(boxes.low)), np.int64),
        now=np.zeros((words, chunks * GROUP), np.int64),
        changed=np.zeros(words, np.int64),
        box_runners=np.zeros(len(boxes.points), np.int64),
        box_now=np.zeros(GROUP, np.int64),
        leader=np.zeros(GROUP, np.int64),
        room=np.zeros((1 + D, GROUP)),
        everyone=np.arange(k),
        listed=np.zeros((2, k), np.int64),
        best=np.zeros(size),
        winner=np.zeros(size, np.int64),
    )


@lean
def margin(hull, centers):
    """How much closer than another a center must be to win a box beyond doubt.

    Let R be the diagonal of the box around all points and centers, u = 2**-53. What `outrun`
    computes is off by at most 12 u R², a squared distance to either center by 5 u R²: 22 u R².
    """
    total = 0.0
    for j in range(hull.shape[1]):
        lowest, highest = hull[0, j], hull[1, j]
        for c in range(centers.shape[0]):
            lowest, highest = min(lowest, centers[c, j]), max(highest, centers[c, j])
        total += (highest - lowest) * (highest - lowest)
    return ROUNDING * total + TINY


@lean
def compare(work, centers, fresh):
    """Note which centers moved since the last step, all of them where it is a start's first."""
    work.changed[:] = 0
    for c in range(centers.shape[0]):
        same = not fresh
        for j in range(centers.shape[1]):
            same = same and centers[c, j] == work.centers[c, j]
            work.centers[c, j] = centers[c, j]  # one feature has a second, of zeros
        if not same:
            work.changed[c // BITS] |= np.int64(1) << (c % BITS)


@lean
def enlist(work, g, listed):
    """List the runners of group `g`; gives their number."""
    count = 0
    for word in range(work.now.shape[0]):
        left = work.now[word, g]
        while left != 0:
            listed[count] = word * BITS + trailing_zeros(left)
            count += 1
            left &= left - 1
    return count


@lean
def settled(work, g):
    """Whether group `g` has the runners of the step before, and whether none of them moved."""
    same, still = True, True
    for word in range(work.now.shape[0]):
        same = same and work.now[word, g] == work.runners[word, g]
        still = still and work.now[word, g] & work.changed[word] == 0
        work.runners[word, g] = work.now[word, g]
    return same, still


def make(D):
    """The kernel for `D` features, a constant: its loops over them are unrolled."""

    @lean
    def lead(low, high, centers, runners, leader, room):
        """The center nearest to the middle of each box of a group."""
        near = room[0]
        near[:] = np.inf
        for c in runners:
            for i in range(GROUP):
                total = 0.0
                for j in range(D):
                    off = low[j, i] + high[j, i] - 2.0 * centers[c, j]
                    total += off * off
                nearer = total < near[i]
                leader[i] = c if nearer else leader[i]
                near[i] = total if nearer else near[i]
        for i in range(GROUP):
            for j in range(D):
                room[1 + j, i] = centers[leader[i], j]

    @lean
    def outrun(low, high, centers, runners, sure, room, bits):
        """Bits of the runners that are not sure to be farther than the leader, for each box.

        The difference of the squared distances is linear, so it is smallest at a vertex.
        """
        bits[:] = 0
        for q in range(runners.size):
            c, bit = runners[q], np.int64(1) << q
            for i in range(GROUP):
                least = 0.0
                for j in range(D):
                    ahead, lowest, highest = room[1 + j, i], low[j, i], high[j, i]
                    apart = centers[c, j] - ahead
                    vertex = highest if apart > 0.0 else lowest
                    least += apart * ((centers[c, j] - vertex) + (ahead - vertex))
                bits[i] |= 0 if least > sure else bit

    @lean
    def decide(points, centers, runners, best, winner, label):
        """Label the points of a box with the nearest of its runners, the lowest on a tie."""
        best[:] = np.inf
        for c in runners:
            for i in range(best.size):
                total = 0.0
                for j in range(D):
                    off = points[j, i] - centers[c, j]
                    total += off * off
                nearer = total < best[i]
                winner[i] = c if nearer else winner[i]
                best[i] = total if nearer else best[i]
        for i in range(label.size):
            label[i] = np.uint16(winner[i])

    @lean
    def label_group(boxes, centers, sure, work, g, count, same, labels):
        """Label the boxes of group `g`, which has `count` runners."""
        first, size = g * GROUP, boxes.points.shape[2]
        low, high = boxes.low[g], boxes.high[g]
        runners, bits, leader = work.listed[0, :count], work.box_now, work.leader
        moved = np.int64(0)
        if count <= BITS:
            lead(low, high, centers, runners, leader, work.room)
            outrun(low, high, centers, runners, sure, work.room, bits)
            for q in range(count):
                c = runners[q]
                moved |= ((work.changed[c // BITS] >> (c % BITS)) & 1) << q
        for i in range(min(GROUP, boxes.points.shape[0] - first)):
            points = boxes.points[first + i]
            label = labels[(first + i) * size : (first + i + 1) * size]
            if count > BITS:
                work.box_runners[first + i] = 0
                decide(points, centers, runners, work.best, work.winner, label)
                continue
            alone = bits[i] & (bits[i] - 1) == 0
            if same and bits[i] == work.box_runners[first + i] and (alone or bits[i] & moved == 0):
                continue
            work.box_runners[first + i] = bits[i]
            if alone:
                label[:] = np.uint16(leader[i])
            else:
                few, left = 0, bits[i]
                while left != 0:
                    work.listed[1, few] = runners[trailing_zeros(left)]
                    few += 1
                    left &= left - 1
                few_runners = work.listed[1, :few]
                decide(points, centers, few_runners, work.best, work.winner, label)

    @kernel(types.void(BOXES, F2, types.boolean, RACE, types.uint16[::1]), bare)
    def assign_boxes(boxes, centers, fresh, work, labels):
        """Label each point with its nearest center, the lowest index on a tie.

        centers: (k, d). fresh: whether this is the first step of a start. work: [modified].
        labels: (n,), those of the last step where not fresh [modified].
        """
        compare(work, centers, fresh)
        sure = margin(boxes.hull, work.centers)
        for chunk in range(boxes.group_low.shape[0]):
            low, high = boxes.group_low[chunk], boxes.group_high[chunk]
            lead(low, high, work.centers, work.everyone, work.leader, work.room)
            for word in range(work.now.shape[0]):
                some = work.everyone[word * BITS : (word + 1) * BITS]
                bits = work.now[word, chunk * GROUP : (chunk + 1) * GROUP]
                outrun(low, high, work.centers, some, sure, work.room, bits)
        for g in range(boxes.low.shape[0]):
            same, still = settled(work, g)
            same = same and not fresh
            count = enlist(work, g, work.listed[0])
            if same and (still or count == 1):
                continue
            if count == 1:
                size = boxes.points.shape[2]
                labels[g * GROUP * size : (g + 1) * GROUP * size] = np.uint16(work.listed[0, 0])
                work.box_runners[g * GROUP : (g + 1) * GROUP] = 0
            else:
                label_group(boxes, work.centers, sure, work, g, count, same, labels)

    assign_boxes.py_func.__qualname__ = f"assign_boxes_{D}"
    return assign_boxes


assign_plane, assign_space = make(2), make(3)
