"""The data sets of the comparison, and the first centers that everyone gets."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"  # beside the checkout, or missing


class Workload(NamedTuple):
    name: str
    k: int
    starts: int  # at most, for the lab; a peer gets what fits into its time
    max_iter: int  # reached only where the step is what is compared
    told: str


def iris2():
    from sklearn.datasets import load_iris

    return load_iris().data[:, :2]


def s1():
    if not is_stand_in("s1"):
        return np.loadtxt(SHARED / "s1.csv", delimiter=",")
    rng = np.random.default_rng(1)
    centers = rng.uniform(1e5, 9e5, (15, 2))
    return np.rint(centers[rng.integers(15, size=5000)] + rng.normal(0, 3e4, (5000, 2)))


def birch1():
    if not is_stand_in("birch1"):
        return np.loadtxt(SHARED / "birch1.csv", delimiter=",")
    rng = np.random.default_rng(1)
    corners = np.mgrid[1:11, 1:11].reshape(2, 100).T * 9e4
    return np.rint(np.repeat(corners, 1000, axis=0) + rng.normal(0, 2.2e4, (100_000, 2)))


def digits():
    from sklearn.datasets import load_digits

    return load_digits().data


def blobs16():
    rng = np.random.default_rng(1)
    centers = rng.normal(size=(64, 16))
    return centers[rng.integers(64, size=200_000)] + rng.normal(size=(200_000, 16))


POINTS = {f.__name__: f for f in (iris2, s1, birch1, digits, blobs16)} | {"blobs16-end": blobs16}

WORKLOADS = {
    w.name: w
    for w in (
        Workload("iris2", 3, 100_000, 300, "Iris, sepal length and width"),
        Workload("s1", 15, 20_000, 300, "S1, 15 overlapping groups in the plane"),
        Workload("birch1", 100, 200, 300, "Birch1, a 10×10 grid of groups"),
        Workload("digits", 10, 2_000, 300, "scikit-learn's handwritten digits"),
        Workload("blobs16", 64, 60, 25, "64 overlapping normal groups, 25 steps of each start"),
        Workload("blobs16-end", 64, 4, 300, "the same, until no label changes, for the quickest"),
    )
}


@cache
def points(name):
    """The data (n, d) of a workload, float64."""
    return np.ascontiguousarray(POINTS[name](), dtype=np.float64)


def is_stand_in(name):
    """Whether the points were made here because their reference file is missing."""
    return name in ("s1", "birch1") and not (SHARED / f"{name}.csv").exists()


def first_indices(name, starts):
    """Rows (starts, k) of the points that are the first centers of seeds 0, 1, …"""
    n, k = len(points(name)), WORKLOADS[name].k
    draw = (np.random.default_rng(seed).choice(n, k, replace=False) for seed in range(starts))
    return np.array(list(draw))


def inertia(X, centers):
    """Σ of the smallest squared distances to `centers` (k, d), point by point in float64."""
    nearest = np.full(len(X), np.inf)
    for center in centers:
        np.minimum(nearest, ((X - center) ** 2).sum(axis=1), out=nearest)
    return nearest.sum()
