"""Centers against the true ones: how many clusters a start got wrong."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .estimates import Estimate, share

__all__ = ["CentroidIndex", "centroid_index", "success_rate"]


class CentroidIndex(NamedTuple):
    """Orphans in both directions and the larger number, each field (N,); NaN without centers."""

    missed: NDArray[np.float64]  # true centers that no center of the start is nearest to
    spare: NDArray[np.float64]  # centers of the start that no true center is nearest to
    larger: NDArray[np.float64]  # of the two: the Centroid Index


def centroid_index(centers: ArrayLike, truth: ArrayLike) -> CentroidIndex:
    """Centroid Index of the centers (N, k, d) of N starts against the true ones (m, d).

    Each center is mapped to the nearest one of the other side, the lowest index on a tie; orphans
    are those to which none is mapped. Index 0: the clusters are the true ones, up to their borders.
    Source: Fränti, Rezaei & Zhao, Centroid index: cluster level similarity measure (2014), eq. 3–6.

    >>> centroid_index([[[0.0], [0.1], [9.0]]], [[0.0], [5.0], [9.0]])
    CentroidIndex(missed=array([1.]), spare=array([1.]), larger=array([1.]))
    """
    true = np.asarray(truth, dtype=np.float64)
    both = [_orphans(each, true) for each in np.asarray(centers, dtype=np.float64)]
    missed, spare = np.array(both, dtype=np.float64).reshape(-1, 2).T
    return CentroidIndex(missed, spare, np.maximum(missed, spare))


def _orphans(centers: NDArray[np.float64], truth: NDArray[np.float64]) -> tuple[float, float]:
    if np.isnan(centers).any():
        return np.nan, np.nan
    apart = np.square(centers[:, None] - truth).sum(axis=2)
    missed = len(truth) - len(np.unique(apart.argmin(axis=1)))
    return missed, len(centers) - len(np.unique(apart.argmin(axis=0)))


def success_rate(index: ArrayLike) -> Estimate:
    """Share of starts with Centroid Index 0, and its Wilson interval.

    index: (N,), NaN a failure, and if all are NaN nothing is known.
    Source: Fränti & Sieranoja, K-means properties on six clustering benchmark datasets (2018),
    section 3.

    >>> success_rate([0.0, 1.0, 0.0, float("nan")]).value
    0.5
    """
    every = np.asarray(index, dtype=np.float64)
    return share(int((every == 0).sum()), ~np.isnan(every))
