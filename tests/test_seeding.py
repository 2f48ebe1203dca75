"""Random numbers inside kernels against NumPy, bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
from kmeans_lab.kernels._jit import warm
from kmeans_lab.kernels.seeding import SIZE, begin, below, choices, uniform

CHANGED = (
    f"NumPy {np.__version__} draws other numbers from default_rng(seed) than kernels/seeding.py, "
    "which has those of NumPy up to 2.4: a seed would start elsewhere than README.md promises, or "
    "than in the studies that exist. Keep NumPy where it drew them, or change the kernel and say so"
)
EDGES = [0, 1, 2**31, 2**32 - 1, 2**32, 2**32 + 1, 2**53 + 1, 2**63 - 1]  # a spec's seeds end there
LARGEST = 2**32  # points


def drawn(seeds, n, k):
    """Indices (R, k) from the kernel, into an array of nonsense."""
    out = np.full((len(seeds), k), -1)
    warm()
    choices(np.array(seeds, np.int64), n, out)
    return out


def generator(seed):
    g = np.full(SIZE, 2**64 - 1, np.uint64)  # what is left there must not matter
    warm()
    begin(g, seed)
    return g


@pytest.mark.parametrize(
    ("n", "k", "first"),
    [(150, 3, 0), (5000, 15, 0), (100_000, 100, 7), (1797, 10, 2**32 - 10_000), (7, 7, 2**40)],
)
def test_100_000_seeds_choose_what_numpy_chooses(n, k, first):
    seeds = range(first, first + 20_000)
    assert (drawn(seeds, n, k) == naive.choices(seeds, n, k)).all(), CHANGED


@pytest.mark.parametrize(
    ("n", "k"),
    [
        *[(1, 1), (2, 1), (2, 2), (3, 2), (200, 199), (200, 200)],
        *[(n, n // 50 + more) for n in (9_999, 10_000, 10_001, 10_050) for more in (-1, 0, 1)],
        *[(10_000, 10_000), (10_001, 10_000), (10_001, 10_001), (200_000, 64), (10**6, 3)],
    ],
)
def test_edges_choose_what_numpy_chooses(n, k):
    seeds = EDGES + list(range(100, 110))
    assert (drawn(seeds, n, k) == naive.choices(seeds, n, k)).all(), CHANGED


@given(st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=5), st.data())
def test_any_seeds_choose_what_numpy_chooses(seeds, data):
    n = data.draw(st.integers(1, 60) | st.integers(9_990, 10_300))
    k = data.draw(st.integers(1, min(n, 60)) | st.integers(1, n))
    assert (drawn(seeds, n, k) == naive.choices(seeds, n, k)).all(), CHANGED


def test_no_seeds_choose_nothing():
    assert drawn([], 10, 3).shape == (0, 3)


# Bounds just above a half and two thirds of 2**32 reject every second or third draw.
SIZES = [1, 2, 3, 150, 10**6, 2**31 - 1, 2**31 + 1, 2 * LARGEST // 3 + 1, LARGEST - 1, LARGEST]


@given(
    st.sampled_from(EDGES) | st.integers(0, 2**63 - 1),
    st.lists(st.sampled_from([*SIZES, None]) | st.integers(1, LARGEST), max_size=40),
)
def test_integers_and_floats_in_any_order_are_numpy_s(seed, calls):
    g, rng = generator(seed), np.random.default_rng(seed)
    for n in calls:  # None: a float, which leaves the kept half of a word alone
        ours, theirs = (uniform(g), rng.random()) if n is None else (below(g, n), rng.integers(n))
        assert ours == theirs, CHANGED
    state = rng.bit_generator.state
    words = [divmod(state["state"][name], 2**64) for name in ("state", "inc")]
    assert [*words[0], *words[1], state["has_uint32"]] == g[:5].tolist(), CHANGED


def test_arrays_of_integers_and_floats_are_drawn_one_by_one():
    g, rng = generator(5), np.random.default_rng(5)
    assert [below(g, 3) for _ in range(1001)] == rng.integers(3, size=1001).tolist(), CHANGED
    assert [uniform(g) for _ in range(12)] == rng.random((4, 3)).ravel().tolist(), CHANGED
