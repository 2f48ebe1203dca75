"""Every start of init `random`: the ordered choices of k of n points, each with its rank."""

import numpy as np
from numpy.typing import NDArray


def ranked(X: NDArray[np.float64], k: int, ranks: NDArray[np.int64]) -> NDArray[np.float64]:
    """First centers (R, k, d): the points of the choices of these ranks (R,). X: (n, d)."""
    return X.take(choices_of(ranks, len(X), k), axis=0)


def choices_of(ranks: NDArray[np.int64], n: int, k: int) -> NDArray[np.int64]:
    """The ordered choices (R, k) of k of n different indices that have these ranks (R,).

    They stand in lexicographic order, so that rank r is the r-th, from 0, of
    itertools.permutations(range(n), k). Order counts: ties go to the center of the lowest index.

    >>> choices_of(np.arange(6), 3, 2).tolist()
    [[0, 1], [0, 2], [1, 0], [1, 2], [2, 0], [2, 1]]
    """
    left = np.asarray(ranks, dtype=np.int64)
    chosen = np.empty((len(left), k), np.int64)
    for place in range(k - 1, -1, -1):
        left, chosen[:, place] = np.divmod(left, n - place)
    # A digit counts the indices that are still free: each one taken below it moves it up by one.
    for place in range(1, k):
        for taken in np.sort(chosen[:, :place], axis=1).T:
            chosen[:, place] += taken <= chosen[:, place]
    return chosen
