"""Rows of a grid labeled by the lower envelope of their squared distances, stretch by stretch.

300 x 300 points take 12, 32 and 99 µs for k = 3, 15 and 100; in tiles, each with the centers that
its box leaves, they took 89, 124 and 273.
"""

import numpy as np
from numba import types

from ._jit import inner, kernel, readonly
from .distance import F1, F2

BAND = 16  # rows that share one choice of centers
MARGIN = 2.0**-45  # of the largest squared distance: twice the rounding of all that is compared
TINY = 1e-320  # what underflow may add to it

I1 = readonly(types.int64, 1)


@inner
def spaced(start, stop, count):
    """What np.linspace gives, to the bit."""
    x = np.arange(count) * 1.0
    step = (stop - start) / (count - 1) if count > 1 else np.nan
    for i in range(count):
        x[i] = (x[i] / (count - 1) * (stop - start) if step == 0.0 else x[i] * step) + start
    x[count - 1] = stop if count > 1 else start
    return x


@inner
def above(a, b, left, b_left, right, b_right, low, high):
    """How far line a, b stays above the lower of two others from `low` to `high`.

    A line is b - 2 a x, and `left` <= a <= `right`; or the two others are one, wherever.
    """
    across = right - left
    if across == 0.0:
        slope = 2.0 * (a - left)
        return b - min(b_left, b_right) - max(slope * low, slope * high)
    x = min(max((b_right - b_left) / (2.0 * across), low), high)
    return max(b - b_left - 2.0 * (a - left) * x, b - b_right - 2.0 * (a - right) * x)


@inner
def envelope(a, b, lines, margin, low, high, stack):
    """The lines that are lowest somewhere from `low` to `high`, in order, and whether it is sure.

    lines: (m,), indices by rising a. What is put away lies above another by more than `margin`.
    stack: (m,), the lines found [modified]. Gives their number, and False where one that was kept
    is lowest by no more than `margin`.
    """
    depth, sure = 0, True
    for c in lines:
        if depth > 0:
            top = stack[depth - 1]
            if b[c] - b[top] - 2.0 * (a[c] - a[top]) * high > margin:
                continue
        while depth > 1:
            top, under = stack[depth - 1], stack[depth - 2]
            height = above(a[top], b[top], a[under], b[under], a[c], b[c], low, high)
            if height <= margin:
                sure = sure and height < -margin
                break
            depth -= 1
        if depth == 1 and b[stack[0]] - b[c] - 2.0 * (a[stack[0]] - a[c]) * low > margin:
            depth = 0
        if depth > 0 and a[stack[depth - 1]] == a[c]:
            sure = False
        stack[depth] = c
        depth += 1
    return depth, sure


@inner
def reach(x, center):
    """Smallest and largest squared distance of `center` to the range of `x` (m,), in order."""
    below, above = x[0] - center, x[x.size - 1] - center
    farthest = max(below * below, above * above)
    return 0.0 if below * above <= 0.0 else min(below * below, above * above), farthest


@inner
def contend(a, xi, ys, centers, offsets, order, work, stack, contenders):
    """Centers that can be nearest somewhere in a band of rows; gives their number and the margin.

    A center whose smallest distances in the band, a line over x, lie above the largest distances
    of others is out. work: (2, k) [modified]. stack, contenders: (k,) [modified].
    """
    low, high = xi[0], xi[xi.size - 1]
    least, most = work[0], work[1]
    largest = 0.0
    for c in range(a.size):
        near, far = reach(ys, centers[c, 1])
        least[c], most[c] = a[c] * a[c] + near + offsets[c], a[c] * a[c] + far + offsets[c]
        largest = max(largest, reach(xi, a[c])[1] + far + abs(offsets[c]))
    margin = MARGIN * largest + TINY
    depth, _ = envelope(a, most, order, 0.0, low, high, stack)
    place, count, largest = -1, 0, 0.0
    for c in order:
        while place + 1 < depth and a[stack[place + 1]] <= a[c]:
            place += 1
        left, right = stack[max(place, 0)], stack[min(place + 1, depth - 1)]
        if above(a[c], least[c], a[left], most[left], a[right], most[right], low, high) <= margin:
            contenders[count] = c
            count += 1
            far = reach(xi, a[c])[1] + reach(ys, centers[c, 1])[1]
            largest = max(largest, far + abs(offsets[c]))
    return count, MARGIN * largest + TINY


@inner
def compare(x, y, centers, offsets, contenders, labels, start):
    """Label the points (x[i], y) by the law of the assign: computed distances, then the index.

    labels: (w, p) bytes, those of the points from `start` on [modified].
    """
    for i in range(x.size):
        best, smallest = np.int64(-1), np.inf
        for c in contenders:
            across, up = x[i] - centers[c, 0], y - centers[c, 1]
            distance = across * across + up * up + offsets[c]
            if distance < smallest or (distance == smallest and c < best):
                best, smallest = c, distance
        for w in range(labels.shape[0]):
            labels[w, start + i] = np.uint8(best >> 8 * w)


@inner
def fill(labels, start, stop, label):
    """Give the points from `start` to `stop` one label. labels: (w, p) bytes [modified]."""
    for w in range(labels.shape[0]):
        part = labels[w, start:stop]  # sliced first, or the loop is no memset
        for i in range(part.size):
            part[i] = np.uint8(label >> 8 * w)


@kernel(types.void(F1, types.int64, types.int64, types.int64, F2, F1, I1, types.uint8[:, ::1]))
def label_points(sides, rows, cols, top, centers, offsets, order, labels):
    """Label rows of a grid from row `top` on with the nearest center, the lowest index on a tie.

    On a row, squared distances less x² are lines over x, so each center that is nearest somewhere
    is so on one stretch: a lower envelope gives all stretches at once. It is computed from rounded
    numbers, so it counts where it is right by more than all rounding together; elsewhere distances
    are computed and compared.
    sides: (4,), x_min, x_max, y_min, y_max. rows, cols: of the whole grid. centers: (k, 2).
    offsets: (k,), added to squared distances. order: (k,), indices by rising centers[:, 0].
    labels: (w, m cols), bytes of m rows, the lowest first [modified].
    """
    x, y = spaced(sides[0], sides[1], cols), spaced(sides[2], sides[3], rows)
    sign, middle = 1.0 if sides[0] <= sides[1] else -1.0, 0.5 * sides[0] + 0.5 * sides[1]
    xi, a = sign * (x - middle), sign * (centers[:, 0] - middle)
    low, high = xi[0], xi[cols - 1]
    per = (cols - 1) / (high - low) if high > low else 0.0
    rising = (xi[1:] >= xi[:-1]).all()
    k, last = a.size, top + labels.shape[1] // cols
    lines = order if sign > 0 else order[::-1].copy()
    work, stack, contenders = np.empty((2, k)), np.empty(k, np.int64), np.empty(k, np.int64)
    b = work[0]
    for first in range(top, last, BAND):
        ys = y[first : min(first + BAND, last)]
        count, margin = contend(a, xi, ys, centers, offsets, lines, work, stack, contenders)
        some = contenders[:count]
        for r in range(ys.size):
            at = (first - top + r) * cols
            for c in some:
                b[c] = a[c] * a[c] + (ys[r] - centers[c, 1]) * (ys[r] - centers[c, 1]) + offsets[c]
            depth, sure = envelope(a, b, some, margin, low, high, stack)
            if not (sure and rising):
                compare(x, ys[r], centers, offsets, some, labels, at)
                continue
            i = 0
            for s in range(depth - 1):
                slope = 2.0 * (a[stack[s + 1]] - a[stack[s]])
                end, doubt = (b[stack[s + 1]] - b[stack[s]]) / slope, margin / slope
                j = max(i, int(min(max((min(max(end - doubt, low), high) - low) * per, 0.0), cols)))
                while j < cols and xi[j] < end - doubt:
                    j += 1
                while j > i and xi[j - 1] >= end - doubt:
                    j -= 1
                fill(labels, at + i, at + j, stack[s])
                i = j
                while j < cols and xi[j] <= end + doubt:
                    j += 1
                if j > i:
                    compare(x[i:j], ys[r], centers, offsets, some, labels, at + i)
                    i = j
            fill(labels, at + i, at + cols, stack[depth - 1])
