"""How good a finished start is, and how far two partitions agree."""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .data.points import from_array
from .errors import DataError

__all__ = ["METRICS", "Metric", "adjusted_rand", "inertia", "silhouette", "silhouette_score"]

MOST_LABELS = 65535  # a label takes two bytes in the kernels
TABLE = 1 << 20  # cells of a contingency table that is counted densely


class Metric(NamedTuple):
    """A number for a start or for two partitions, and which way it is better.

    function: of "start" takes (X, centers, labels), of "partitions" takes (labels, truth).
    """

    function: Callable[..., float]
    of: Literal["start", "partitions"]
    better: Literal["lower", "higher"]
    source: str


def adjusted_rand(labels: ArrayLike, truth: ArrayLike) -> float:
    """Adjusted Rand index of two labelings (n,); 1 for equal partitions, near 0 for chance.

    The pairs are counted in exact integers and divided once. Two partitions without a pair to
    disagree on (n = 1, or both all alone, or both all together) have index 1.
    Source: Hubert & Arabie, Comparing partitions (1985), eq. 5.

    >>> adjusted_rand([0, 0, 1, 1], [1, 1, 0, 0]), adjusted_rand([0, 0, 1, 1], [0, 1, 0, 1])
    (1.0, -0.5)
    """
    ours, theirs = _codes(labels), _codes(truth)
    n, width = len(ours), int(theirs.max(initial=0)) + 1
    together = _squares(ours * width + theirs)
    in_ours, in_theirs = _squares(ours), _squares(theirs)
    if together == in_ours == in_theirs:
        return 1.0
    both, only_ours, only_theirs = together - n, in_ours - together, in_theirs - together
    neither = n * n - in_ours - in_theirs + together
    agreement = 2 * (both * neither - only_ours * only_theirs)
    return agreement / (
        (both + only_theirs) * (only_theirs + neither) + (both + only_ours) * (only_ours + neither)
    )


def _codes(labels: ArrayLike) -> NDArray[np.int64]:
    """Labels as small non-negative integers; those that are already stay as they are."""
    names = np.asarray(labels)
    if names.dtype.kind in "ui" and names.size and names.min() >= 0 and names.max() <= 65535:
        return names.astype(np.int64)
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def _squares(codes: NDArray[np.int64]) -> int:
    """Sum of the squared group sizes: the ordered pairs within groups, a point with itself too."""
    if codes.max(initial=0) < TABLE:
        sizes = np.bincount(codes)
    else:
        sizes = np.unique(codes, return_counts=True)[1]
    return int(sizes @ sizes)


def inertia(
    X: NDArray[np.float64], centers: NDArray[np.float64], labels: NDArray[np.integer]
) -> float:
    """Sum of squared distances of `X` (n, d) to their centers (k, d), in squared data units."""
    terms = np.zeros(len(X))
    for j in range(X.shape[1]):  # left to right, as the kernels add them
        terms += (X[:, j] - centers[labels, j]) ** 2
    return math.fsum(terms)


def silhouette(
    X: NDArray[np.float64], centers: NDArray[np.float64], labels: NDArray[np.integer]
) -> float:
    """Mean Euclidean silhouette of `X` (n, d) under labels (n,); NaN where undefined."""
    return silhouette_score(X, labels)


def silhouette_score(X: ArrayLike, labels: ArrayLike) -> float:
    """Mean Euclidean silhouette of `X` (n, d) under `labels` (n,), 0 for a point that is alone.

    NaN where undefined: fewer than two clusters, or every point alone. Raises DataError for an
    unusable X, and for labels that are not one for each point.
    """
    from .kernels.silhouette import mean_silhouette

    points, given = from_array(X), np.asarray(labels)
    if given.shape != (len(points),):
        raise DataError(f"labels have shape {given.shape}; allowed: ({len(points)},), one a point")
    names, codes = np.unique(given, return_inverse=True)
    if MOST_LABELS < len(names) < len(points):
        raise DataError(f"labels name {len(names)} clusters; allowed: up to {MOST_LABELS}")
    return mean_silhouette(points, codes) if len(names) < len(points) else math.nan


METRICS = {
    "inertia": Metric(
        inertia, "start", "lower", "Lloyd, Least squares quantization in PCM (1982), eq. 2"
    ),
    "silhouette": Metric(
        silhouette, "start", "higher", "Rousseeuw, Silhouettes: a graphical aid (1987), eq. 1"
    ),
    "ari": Metric(
        adjusted_rand, "partitions", "higher", "Hubert & Arabie, Comparing partitions (1985), eq. 5"
    ),
}
