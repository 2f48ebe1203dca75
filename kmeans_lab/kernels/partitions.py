"""Partitions without their label numbers: clusters named in the order in which they appear."""

import numpy as np
from numba import types
from numpy.typing import NDArray

from ._jit import kernel, warm


@kernel(types.void(types.uint16[:, ::1]))
def rename(labels):
    """Name the clusters of each row by first appearance. labels: (P, n) [modified]."""
    for p in range(labels.shape[0]):
        row = labels[p]
        names = np.full(np.int64(row.max()) + 1, -1, np.int64)
        found = 0
        for i in range(row.size):
            label = row[i]
            if names[label] < 0:
                names[label] = found
                found += 1
            row[i] = names[label]


def canonical(labels: NDArray[np.unsignedinteger]) -> NDArray[np.uint16]:
    """The same rows for the same partitions: `labels` (P, n), n ≥ 1, renamed."""
    warm()
    rows = np.array(labels, dtype=np.uint16, order="C")
    rename(rows)
    return rows
