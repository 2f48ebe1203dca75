"""Points of up to three features in the order of a tree's leaves, cut into boxes.

Made once per data set and shared by all starts: neighbors in space become neighbors in memory, so
that a whole box of points can be given to one center (kernels/boxes.py).
"""

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import frozen, readonly
from .distance import F2

BOX = 64  # points in a box: less than 32 or 16, or 128, takes longer on s1 and birch1
GROUP = 16  # boxes in a group: they fill the vector lanes


class Boxes(NamedTuple):
    """Boxes of points that follow each other, and groups of such boxes.

    Each box and group lies together in memory, filled up with copies of its last part.
    """

    points: NDArray[np.float64]  # (boxes, D, size); D = 2 or 3: one feature has a second of zeros
    low: NDArray[np.float64]  # (groups, D, GROUP), smallest coordinates of boxes
    high: NDArray[np.float64]  # (groups, D, GROUP), largest coordinates
    group_low: NDArray[np.float64]  # (ceil(groups / GROUP), D, GROUP)
    group_high: NDArray[np.float64]  # (ceil(groups / GROUP), D, GROUP)
    hull: NDArray[np.float64]  # (2, D), smallest and largest coordinates of all


F3 = readonly(types.float64, 3)
BOXES = types.NamedTuple([F3, F3, F3, F3, F3, F2], Boxes)


def in_halves(X: NDArray[np.float64], size: int = BOX) -> NDArray[np.int64]:
    """Rows of `X` (n, d), d up to 3, so that boxes of `size` and groups are nodes of a tree.

    A node is cut across its longest side into halves of whole boxes, of whole groups where it has
    several (Bentley, Multidimensional binary search trees used for associative searching, 1975).
    On Morton's curve, which has jumps, steps of birch1 take a half longer.
    """
    rows = np.arange(len(X))
    nodes = [rows]
    while nodes:
        node = nodes.pop()
        points = X[node]
        side = np.argmax(points.max(axis=0) / 2 - points.min(axis=0) / 2)
        unit = next((unit for unit in (size * GROUP**2, size * GROUP, size) if unit < len(node)), 0)
        if unit:
            middle = max(round(len(node) / 2 / unit), 1) * unit
            node[:] = node[np.argpartition(points[:, side], middle)]
            nodes += node[:middle], node[middle:]
    return rows


def cut(XT: NDArray[np.float64], size: int = BOX) -> Boxes:
    """Boxes of `size` of the points `XT` (d, n), d up to 3, in the order given."""
    points = _parts(np.concatenate([XT, np.zeros((max(2 - len(XT), 0), XT.shape[1]))]), size)
    low, high = _parts(points.min(axis=2).T, GROUP), _parts(points.max(axis=2).T, GROUP)
    group_low, group_high = _parts(low.min(axis=2).T, GROUP), _parts(high.max(axis=2).T, GROUP)
    hull = np.array([low.min(axis=(0, 2)), high.max(axis=(0, 2))])
    return Boxes(*(frozen(part) for part in (points, low, high, group_low, group_high, hull)))


def no_boxes() -> Boxes:
    """What stands where there are none."""
    none, hull = frozen(np.empty((0, 2, 1))), frozen(np.empty((2, 2)))
    return Boxes(none, none, none, none, none, hull)


def _parts(columns: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """`columns` (D, m) in parts (ceil(m / size), D, size), the last filled up with its last one."""
    D, m = columns.shape
    full = np.pad(columns, ((0, 0), (0, -m % size)), mode="edge")
    return full.reshape(D, -1, size).swapaxes(0, 1)
