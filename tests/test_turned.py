"""Points by row and points in a tile are the same, and their norms are no less than they are."""

import numba
import numpy as np
import pytest

from kmeans_lab.kernels import turned
from kmeans_lab.kernels.tiles import TILE


@numba.njit
def turn(rows, places, tile):
    turned.turn(rows, places, tile)


@numba.njit
def bring(rows, places, mean, scale, tile, norms):
    turned.bring(rows, places, mean, scale, tile, norms)


@pytest.fixture(params=[1, 7, 8, 9, 16, 43])
def points(request, rng):
    """Points (50, d), and of which of them a tile is made: some twice, in no order."""
    return rng.normal(size=(50, request.param)) * 3, rng.integers(50, size=TILE)


def test_a_tile_has_the_features_of_its_points(points):
    X, members = points
    rows, tile = X.astype(np.float32), np.full((X.shape[1], TILE), np.nan, np.float32)
    turn(rows.ravel(), members * X.shape[1], tile)
    np.testing.assert_array_equal(tile, rows[members].T)


@pytest.mark.parametrize("scale", [2.0**-500, 2.0**-80, 2.0**-5])
def test_points_of_a_tile_are_moved_and_scaled_first(points, scale):
    X, members = points
    mean, tile = X.mean(axis=0), np.full((X.shape[1], TILE), np.nan, np.float32)
    norms = np.full(TILE, np.nan, np.float32)
    bring(X.ravel(), members * X.shape[1], mean, scale, tile, norms)
    brought = ((X - mean) * scale)[members]
    np.testing.assert_array_equal(tile, brought.T.astype(np.float32))
    true = np.linalg.norm(brought, axis=1)
    assert (norms >= true).all()
    assert (norms <= true * (1 + (X.shape[1] + 12) * 2.0**-23) + 2.0**-59).all()
