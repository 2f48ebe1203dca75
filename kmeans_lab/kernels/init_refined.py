"""Initializers that run steps of k-means themselves, on samples or from too many centers."""

import numpy as np
from numpy.typing import NDArray

from .batch import run_batch
from .firsts import Firsts, Points, Seeds, generators
from .init_distance import farthest
from .lloyd import CONVERGED
from .records import Batch, prepare

SAMPLES = 10
SHARE = 10  # a sample is one of so many parts of the data,
LEAST = 10  # but has at least so many points for each center, if there are as many


def bradley_fayyad(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Cluster 10 samples, cluster the 10 k centers found, and take the best of these clusterings.

    A sample has max(ceil(n / 10), 10 k) points, or all n. Each is clustered from the same start;
    the centers of all are then clustered from those of each sample, and what has the lowest
    inertia there is taken, the first of equals. k-means here has 300 steps at most and relocates
    empty clusters.

    Draws: the start, X[rng.choice(n, size=k, replace=False)]; then for each sample
    X[rng.choice(n, size=m, replace=False)]. Every assign counts a distance from each point to
    each center.
    Source: Bradley and Fayyad (1998), section 2; 10 samples are of section 3.
    """
    size = min(len(X), max(-(-len(X) // SHARE), LEAST * k))
    centers, spent = np.empty((len(seeds), k, X.shape[1])), np.empty(len(seeds), np.int64)
    for r, rng in enumerate(generators(seeds)):
        centers[r], spent[r] = refined(X, k, rng, SAMPLES, size)
    return Firsts(centers, spent)


def refined(
    X: Points, k: int, rng: np.random.Generator, samples: int, size: int
) -> tuple[Points, int]:
    """Centers (k, d) from so many samples of `size` points, and the distances evaluated."""
    start = X[rng.choice(len(X), size=k, replace=False)]
    rows = [rng.choice(len(X), size=size, replace=False) for _ in range(samples)]
    ends = [_clustered(X[chosen], start[None]) for chosen in rows]
    found = np.concatenate([end.centers for end in ends])  # (samples, k, d)
    union = found.reshape(-1, X.shape[1])
    last = _clustered(union, found)
    spent = k * (size * sum(map(_assigns, ends)) + len(union) * _assigns(last))
    return last.centers[last.inertia.argmin()], spent


def _clustered(X: Points, starts: Points) -> Batch:
    return run_batch(prepare(X, "none"), starts, steps=False, labels="none", keeping=False)


def _assigns(batch: Batch) -> int:
    """How often points were assigned; a start that did not converge has one more at its end."""
    return int(batch.n_iter.sum() + (batch.status != CONVERGED).sum())


def luxburg(X: Points, k: int, seeds: Seeds) -> Firsts:
    """Take far more points than needed, make one step, drop light clusters, keep distant centers.

    L = max(k, ceil(k ln k)) points, at most n, are assigned to and moved to the mean of their
    points; a center with fewer than n / L points is dropped, but the k with most points stay, the
    lowest index of equals. Among those left maximin chooses. What the CBModules of Fränti and
    Sieranoja call by this name is a variant of their own.

    Draws: X[rng.choice(n, size=L, replace=False)]; then which of those left is the first center,
    rng.integers(number left).
    Source: von Luxburg (2010), section 3.2.
    """
    many = min(len(X), max(k, int(np.ceil(k * np.log(k)))))
    draws = generators(seeds)
    rows = [rng.choice(len(X), size=many, replace=False) for rng in draws]
    chosen = X[np.array(rows, np.int64).reshape(-1, many)]
    step = run_batch(prepare(X, "none"), chosen, max_iter=1, empty="keep", keeping=False)
    centers, spent = np.empty((len(seeds), k, X.shape[1])), np.full(len(seeds), len(X) * many)
    for r, rng in enumerate(draws):
        left = step.centers[r][_heavy(step.step_labels[r], many, k)]
        centers[r] = farthest(left, k, np.array([rng.integers(len(left))]))[0]
        spent[r] += (k - 1) * len(left)
    return Firsts(centers, spent)


def _heavy(labels: NDArray[np.unsignedinteger], many: int, k: int) -> NDArray[np.intp]:
    """The clusters with at least an equal share of the points, or the k with most."""
    counts = np.bincount(labels, minlength=many)
    left = np.flatnonzero(counts * many >= len(labels))
    return left if len(left) >= k else np.sort(np.argsort(-counts, kind="stable")[:k])
