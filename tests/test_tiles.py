"""The contest of centers gives the same scores however many lanes the processor has."""

import numba
import numpy as np
import pytest
from llvmlite import ir
from numba.extending import intrinsic

from kmeans_lab.kernels import tiles
from kmeans_lab.kernels.tiles import TILE, WIDTHS


@pytest.fixture(params=[(16, 2), (8, 1)], ids="{0[0]} lanes".format)
def contest(request, monkeypatch):
    """The contest as it is compiled for a processor with AVX-512, or with less."""
    lanes, vectors = request.param
    monkeypatch.setattr(tiles, "LANES", lanes)
    monkeypatch.setattr(tiles, "VECTORS", vectors)
    monkeypatch.setattr(tiles, "FLOATS", ir.VectorType(ir.FloatType(), lanes))
    monkeypatch.setattr(tiles, "INTEGERS", ir.VectorType(ir.IntType(32), lanes))
    made = intrinsic(tiles._contest)

    @numba.njit
    def contest(points, t, groups, halves, best, second, which, row):
        made(points, t, groups, halves, best, second, which, row)

    return contest


def test_first_and_second_are_those_of_all_scores(contest, rng):
    d, T = 5, 3
    for w in WIDTHS:
        # Small whole numbers, so that scores are exact and often equal.
        points = rng.integers(-3, 4, size=(T, d, TILE)).astype(np.float32)
        groups = rng.integers(-2, 3, size=(4, d, w)).astype(np.float32)
        halves = rng.integers(0, 9, size=(4, w)).astype(np.float32)
        best, second = np.zeros((2, 2 * TILE), np.float32)
        which = np.full(2 * TILE, -1, np.int32)
        for row, t in enumerate((2, 0)):
            contest(points, t, groups, halves, best, second, which, row)
        centers = groups.transpose(1, 0, 2).reshape(d, -1)
        scores = np.concatenate([points[2], points[0]], axis=1).T @ centers - halves.ravel()
        np.testing.assert_array_equal(which, scores.argmax(axis=1))
        np.testing.assert_array_equal(best, scores.max(axis=1))
        np.testing.assert_array_equal(second, np.sort(scores, axis=1)[:, -2])
