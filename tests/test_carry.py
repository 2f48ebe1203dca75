"""Sums of points by their digits are exact, whatever columns they are of."""

from fractions import Fraction

import numpy as np
import pytest

from kmeans_lab.kernels._jit import warm
from kmeans_lab.kernels.carry import carry_point
from kmeans_lab.kernels.digits import grid
from kmeans_lab.kernels.groups import UNASSIGNED

COLUMNS = {
    1: lambda rng, X: np.round(X * 2.0**20),
    2: lambda rng, X: X * 2.0 ** rng.integers(-9, 1, size=X.shape),
    4: lambda rng, X: X * 2.0 ** rng.integers(-60, 1, size=X.shape),
    34: lambda rng, X: np.where(  # one column that is wider than the scale has room above others
        np.arange(X.shape[1]) == 0,
        np.where(np.arange(len(X))[:, None] == 0, 1e-310, X),
        np.round(X) * (np.arange(X.shape[1]) > 1),
    ),
    30: lambda rng, X: X * 2.0 ** rng.integers(-460, 460, size=X.shape),
}


def exactly(sums, exponents):
    """What sums (k, L * d) of digits stand for."""
    limbs = sums.reshape(len(sums), -1, len(exponents))
    return [
        [
            sum(int(u) * Fraction(2) ** (int(e) + 32 * i) for i, u in enumerate(column))
            for column, e in zip(cluster.T, exponents, strict=True)
        ]
        for cluster in limbs
    ]


@pytest.mark.parametrize("limbs", COLUMNS)
@pytest.mark.parametrize("d", [1, 8, 19])
def test_sums_are_those_of_fractions(rng, d, limbs):
    X = COLUMNS[limbs](rng, rng.uniform(1, 2, size=(40, d)) * rng.choice([-1, 1], size=(40, d)))
    warm()
    made, k = grid(X), 3
    assert abs(made.limbs - limbs) <= limbs // 10
    counts, sums = np.zeros(k, np.int64), np.zeros((k, made.limbs * d), np.int64)
    labels = np.full(40, UNASSIGNED, np.uint16)
    for i in [*range(40), *rng.integers(40, size=60)]:
        after = rng.integers(k)
        carry_point(X[i : i + 1], made.exponents, int(labels[i]), int(after), counts, sums)
        labels[i] = after
    np.testing.assert_array_equal(counts, np.bincount(labels, minlength=k))
    wanted = [[sum(map(Fraction, X[labels == c, j])) for j in range(d)] for c in range(k)]
    assert exactly(sums, made.exponents) == wanted
