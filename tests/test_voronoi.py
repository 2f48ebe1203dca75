"""The grid labeler: every point's nearest center, in bounded memory, whatever the resolution."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive
from kmeans_lab.errors import DataError
from kmeans_lab.kernels import voronoi
from kmeans_lab.kernels.voronoi import label_grid

UNIT = (0.0, 1.0, 0.0, 1.0)


@st.composite
def planes(draw):
    """Centers (k, 2) with ties and duplicates, an extent around or beside them, offsets."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    k = draw(st.integers(1, 40))
    kind = draw(st.sampled_from(["lattice", "noise", "hair", "far"]))
    centers = random.normal(size=(k, 2))
    if kind == "lattice":
        centers = random.integers(-4, 5, (k, 2)).astype(float)
    elif kind == "hair":  # pairs of centers that rounding can hardly tell apart
        centers = centers[random.integers(0, k, k)] * (
            1 + random.integers(-2, 3, (k, 1)) * 2.0**-52
        )
    elif kind == "far":
        centers[random.integers(0, k)] *= 10.0 ** random.integers(2, 14)
    extent = np.array(
        draw(
            st.sampled_from(
                [(-4, 4, -4, 4), (-9, 3, 2, 2), (6, 7, -8, 8), (4, -4, 1, 3), (0.1, 0.7, 3, -1.3)]
            )
        )
    )
    offsets = random.integers(-3, 9, k).astype(float) if draw(st.booleans()) else np.zeros(k)
    shift = draw(st.sampled_from([0.0, 0.0, 1e8]))
    scale = 2.0 ** draw(st.sampled_from([0, 0, 300, -300]))
    return (centers + shift) * scale, (extent + shift) * scale, offsets * scale * scale


@settings(max_examples=400)
@given(planes(), st.integers(1, 40), st.integers(1, 40))
def test_the_grid_is_its_naive_twin(plane, rows, cols):
    centers, extent, offsets = plane
    comp = label_grid(centers, tuple(extent), (rows, cols), offsets)
    assert (comp == naive.label_grid(centers, extent, (rows, cols), offsets)).all()


def test_rows_run_from_y_min_and_columns_from_x_min():
    grid = label_grid([[0, 0], [10, 0], [0, 10]], (0, 10, 0, 10), (3, 4))
    assert grid.tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 2, 1]]


def test_one_number_is_the_resolution_of_both_sides():
    # The notebook's np.c_[*np.meshgrid(gx, gy)] had 300 rows of 600 numbers.
    centers = np.array([[0.2, 0.3], [0.8, 0.6]])
    grid = label_grid(centers, UNIT, 300)
    assert grid.shape == (300, 300)
    assert (grid == naive.label_grid(centers, UNIT, (300, 300))).all()


def test_a_tie_goes_to_the_lowest_index():
    assert label_grid([[1, 0], [0, 0], [1, 0]], (0.5, 0.5, -3, 3), 5).max() == 0


@pytest.mark.parametrize(
    ("k", "dtype"), [(1, np.uint8), (256, np.uint8), (257, np.uint16), (65536, np.uint16)]
)
def test_labels_have_the_smallest_unsigned_type(k, dtype):
    centers = np.column_stack([np.arange(k), np.zeros(k)])
    grid = label_grid(centers, (0, k - 1, 0, 0), (1, k))
    assert grid.dtype == dtype
    assert grid.tolist() == [list(range(k))]


def test_offsets_make_the_plane_a_slice_of_the_whole_space(rng):
    centers = rng.normal(size=(6, 5))
    x, y = np.linspace(-2, 2, 50), np.linspace(-1, 1, 40)
    plane = np.array([(a, b, 0, 0, 0) for b in y for a in x])
    nearest = naive.squared(plane, centers).argmin(axis=1).reshape(40, 50)
    offsets = (centers[:, 2:] ** 2).sum(axis=1)
    assert (label_grid(centers[:, :2], (-2, 2, -1, 1), (40, 50), offsets) == nearest).all()


def test_the_chunks_do_not_show(monkeypatch, rng):
    centers = rng.random((30, 2))
    whole = label_grid(centers, UNIT, (150, 70))
    monkeypatch.setattr(voronoi, "CHUNK", 70 * 7)
    assert (label_grid(centers, UNIT, (150, 70)) == whole).all()
    monkeypatch.setattr(voronoi, "CHUNK", 1)
    assert (label_grid(centers, UNIT, (150, 70)) == whole).all()


@pytest.mark.parametrize("k", [2, 300])
def test_memory_beside_the_grid_is_a_chunk_whatever_k(k, rng):
    centers = rng.random((k, 2))
    label_grid(centers, UNIT, 2)
    tracemalloc.start()
    try:
        grid = label_grid(centers, UNIT, 3000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < grid.nbytes + 2 * voronoi.CHUNK + 100_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.empty((0, 2)), UNIT, 9), r"centers: shape \(0, 2\); allowed: \(k, 2\)"),
        ((np.zeros((65537, 2)), UNIT, 9), r"centers: shape \(65537, 2\)"),
        ((np.zeros((3, 3)), UNIT, 9), r"centers: shape \(3, 3\)"),
        (([1.0, 2.0], UNIT, 9), r"centers: shape \(2,\)"),
        (([[0, np.nan]], UNIT, 9), "centers: found nan"),
        (([[0, np.inf]], UNIT, 9), "centers: found inf"),
        (([[0, -1e160]], UNIT, 9), r"centers: found -1e\+160; allowed: magnitudes up to 1e\+150"),
        (([["a", "b"]], UNIT, 9), "centers: no numbers but list"),
        (([[0, 0]], (0, 1, 0), 9), r"extent: shape \(3,\); allowed: \(x_min"),
        (([[0, 0]], (0, np.nan, 0, 1), 9), "extent: found nan"),
        (([[0, 0]], UNIT, 0), "resolution: 0; allowed: n or"),
        (([[0, 0]], UNIT, (3, -1)), r"resolution: \(3, -1\)"),
        (([[0, 0]], UNIT, (3, 3, 3)), r"resolution: \(3, 3, 3\)"),
        (([[0, 0]], UNIT, 2.5), "resolution: 2.5"),
        (([[0, 0]], UNIT, 9, [1.0, 2.0]), r"offsets: shape \(2,\); allowed: \(1,\)"),
        (([[0, 0]], UNIT, 9, [np.nan]), "offsets: found nan"),
    ],
)
def test_bad_input_is_refused_in_one_line(arguments, message):
    with pytest.raises(DataError, match=message) as caught:
        label_grid(*arguments)
    assert "\n" not in str(caught.value)


def test_any_layout_and_type_of_centers_is_taken():
    centers = np.array([[0.25, 0.5], [0.75, 0.25], [0.5, 1.0]])
    expected = label_grid(centers, UNIT, 20)
    for given_centers in (
        np.asfortranarray(centers),
        centers.astype(np.float32),
        centers.astype(">f8"),
        np.repeat(centers, 2, axis=0)[::2],
        centers.tolist(),
    ):
        assert (label_grid(given_centers, UNIT, np.int64(20)) == expected).all()
