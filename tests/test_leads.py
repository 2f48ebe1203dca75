"""Labels of a piece of many points are those of the law, and its clusters follow them exactly."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

import naive
from kmeans_lab.kernels._jit import warm
from kmeans_lab.kernels.crowd import crowd
from kmeans_lab.kernels.distance import BLOCK
from kmeans_lab.kernels.groups import UNASSIGNED
from kmeans_lab.kernels.leads import assign_piece, follow_centers
from kmeans_lab.kernels.single import workspace
from kmeans_lab.kernels.tiles import TILE
from strategies import sequences


class Piece:
    """A piece of points and what a start knows of it, step after step."""

    def __init__(self, X, k):
        warm()
        self.points, self.work = crowd(X, "none"), workspace(0, X.shape[1], k)
        self.labels = np.full(len(X), UNASSIGNED, np.uint16)
        self.leads = np.full(len(X), -1, np.float32)
        self.counts = np.zeros(k, np.int64)
        self.sums = np.zeros((k, self.points.grid.limbs * X.shape[1]), np.int64)

    def __call__(self, centers):
        points, nearest = self.points, np.full(len(self.labels), 12345, np.uint16)
        follow_centers(points.fast, self.work, centers)
        how = points.fast, self.work, centers, points.grid.exponents
        known = self.labels, nearest, self.leads, self.counts, self.sums
        assign_piece(points.X, *how, *known)
        self.labels = nearest
        return nearest

    def totals(self):
        """The sums of its clusters (k, d), exact."""
        d, exponents = self.points.X.shape[1], self.points.grid.exponents
        limbs = self.sums.reshape(len(self.counts), -1, d).astype(object)
        whole = sum(limbs[:, i] * 2 ** (32 * i) for i in range(limbs.shape[1]))
        return whole * [Fraction(2) ** int(e) for e in exponents]


def check(X, sequence):
    piece, k = Piece(X, len(sequence[0])), len(sequence[0])
    for centers in sequence:
        labels = piece(np.ascontiguousarray(centers, dtype=float))
        np.testing.assert_array_equal(labels, naive.assign(X, centers)[0])
        np.testing.assert_array_equal(piece.counts, np.bincount(labels, minlength=k))
    for j, column in enumerate(X.T):
        wanted = [Fraction(0)] * k
        for c, x in zip(labels, column, strict=True):
            wanted[c] += Fraction(x)
        assert piece.totals()[:, j].tolist() == wanted


@settings(max_examples=100)
@given(sequences(max_n=70, max_d=10))
def test_labels_are_those_of_the_law(problem):
    check(*problem)


@pytest.mark.parametrize("m", [1, TILE, BLOCK - 1, BLOCK, BLOCK + TILE, 3 * BLOCK + 5])
@pytest.mark.parametrize("d", [1, 8, 13])
def test_pieces_of_any_length(rng, m, d):
    X = rng.normal(size=(m, d))
    first = rng.normal(size=(7, d))
    check(X, [first, first + 1e-3, first * 1.1, first, first[::-1]])


@pytest.mark.parametrize("number", [1, TILE, BLOCK, 2 * BLOCK])
@pytest.mark.parametrize("place", [0, 1, 2 * BLOCK])
def test_points_that_only_float64_tells_wherever_they_are(rng, number, place):
    """They lie beside the bisector; the others keep their lead, so nobody else is looked at."""
    centers = np.array([[-4.0, 0, 0], [4, 0, 0]])
    X = rng.normal(size=(4 * BLOCK, 3)) + centers[rng.integers(2, size=4 * BLOCK)] * 3
    X[place : place + number, 0] = rng.choice([-1, 1], size=number) * 2.0**-40
    check(X, [centers] * 3)


def test_digits_of_a_whole_piece_are_not_rounded(rng):
    X = rng.uniform(1, 2, size=(1 << 16, 2)) * [1, 2.0**-20]
    X[0] = 2.0 - 2.0**-52, 2.0**-60
    check(X, [np.array([[1.5, 0.0]])])
