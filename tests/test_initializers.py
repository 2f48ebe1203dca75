"""First centers: the draws that are promised, what they cost, the naive twins."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive_inits
from kmeans_lab.kernels.distance import BLOCK, nearest
from kmeans_lab.kernels.first_centers import draw
from kmeans_lab.kernels.firsts import drawn
from kmeans_lab.kernels.initializers import INITIALIZERS
from strategies import points

NAMES = sorted(INITIALIZERS)
RANDOM = [name for name in NAMES if not INITIALIZERS[name].deterministic]
FIXED = ["first", "kkz", "pca-part", "var-part"]
BY_DISTANCE = ["greedy-k-means++", "k-means++", "k-means||", "kkz", "ls++", "maximin"]
MEANS = ["bradley-fayyad", "luxburg", "pca-part", "random-partition", "uniform-box", "var-part"]
EXAMPLES = {"bradley-fayyad": 40, "afk-mc2": 50, "pca-part": 50}  # where a twin takes long
SEEDS = st.integers(0, 2**63 - 1)
SMALL = np.array([[0.0], [1.0], [3.0], [3.5], [9.0], [10.0]])


def first_centers(name, X, k, seed):
    return INITIALIZERS[name].function(X, k, np.array([seed])).centers[0]


def twins(name, X, k, seeds):
    """What a batch gives, and its starts one by one with NumPy's generator."""
    function = INITIALIZERS[name].function
    twin = getattr(naive_inits, function.__name__)
    ref = [twin(X, k, np.random.default_rng(seed)) for seed in seeds]
    return ref, function(frozen(X), k, np.array(seeds))


def assert_twins(name, X, k, seeds):
    ref, comp = twins(name, X, k, seeds)
    assert np.array([centers for centers, _ in ref]).tobytes() == comp.centers.tobytes()
    assert [spent for _, spent in ref] == comp.distances.tolist()
    assert comp.distances.dtype == np.int64


def frozen(X):
    X = np.ascontiguousarray(X)
    X.setflags(write=False)
    return X


@pytest.mark.parametrize("name", NAMES)
def test_an_initializer_is_its_naive_twin_and_costs_as_much(name):
    @settings(max_examples=EXAMPLES.get(name, 100))
    @given(points(), st.data(), st.lists(SEEDS, min_size=1, max_size=3))
    def check(X, data, seeds):
        k = data.draw(st.integers(1, len(X)) | st.sampled_from([1, len(X)]))
        assert_twins(name, X, k, seeds)

    check()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 7])
def test_points_in_several_blocks_are_treated_as_in_one(name, n, rng):
    seeds = range(1 if name in ("bradley-fayyad", "k-means||") else 3)
    for X in (rng.normal(size=(n, 3)), rng.integers(0, 12, size=(n, 2)).astype(float)):
        assert_twins(name, X, 7, seeds)


@pytest.mark.parametrize("name", NAMES)
def test_a_start_does_not_depend_on_the_others_of_its_batch(name, iris2):
    function, seeds = INITIALIZERS[name].function, np.array([5, 2**40, 0, 5])
    batch = function(iris2, 8, seeds)
    alone = [function(iris2, 8, seeds[i : i + 1]) for i in range(4)]
    assert batch.centers.tobytes() == np.array([each.centers[0] for each in alone]).tobytes()
    assert batch.distances.tolist() == [each.distances[0] for each in alone]
    none = function(iris2, 8, seeds[:0])
    assert (none.centers.shape, none.distances.shape) == ((0, 8, 2), (0,))


@pytest.mark.parametrize("name", NAMES)
def test_centers_are_finite_new_and_leave_the_data_alone(name):
    for X in (SMALL, np.ones((5, 3)), np.array([[2.0, 1.0]]), np.repeat(SMALL, 3, axis=0)):
        for k in {1, len(X)}:
            before = X.tobytes()
            centers = first_centers(name, X, k, seed=3)
            assert centers.shape == (k, X.shape[1])
            assert centers.dtype == np.float64
            assert np.isfinite(centers).all()
            assert not np.shares_memory(centers, X)
            assert X.tobytes() == before


@pytest.mark.parametrize("name", NAMES)
def test_centers_are_rows_of_the_data_or_within_its_box(name):
    @settings(max_examples=20)
    @given(points(), st.data(), SEEDS)
    def check(X, data, seed):
        centers = first_centers(name, X, data.draw(st.integers(1, len(X))), seed)
        low, high = X.min(axis=0), X.max(axis=0)
        if name not in MEANS:
            assert {*map(tuple, centers)} <= {*map(tuple, X)}
        elif name == "uniform-box":
            assert ((low <= centers) & (centers <= high)).all()
        else:  # the sum is rounded, and so is the mean
            slack = 2 * np.maximum(np.spacing(np.abs(low)), np.spacing(np.abs(high)))
            assert ((low - slack <= centers) & (centers <= high + slack)).all()

    check()


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_gives_its_centers_and_another_seed_others(name):
    X = np.random.default_rng(0).normal(size=(40, 2))
    results = [first_centers(name, X, 4, seed).tobytes() for seed in range(20)]
    assert results == [first_centers(name, X, 4, seed).tobytes() for seed in range(20)]
    assert len(set(results)) > 10


@pytest.mark.parametrize("name", FIXED)
def test_what_draws_nothing_gives_every_seed_the_same(name, iris2):
    assert INITIALIZERS[name].deterministic
    centers, distances = INITIALIZERS[name].function(iris2, 5, np.array([0, 7, 2**62]))
    assert centers[0].tobytes() == centers[1].tobytes() == centers[2].tobytes()
    assert len(set(distances.tolist())) == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_registry_tells_source_cost_and_draws(name):
    entry = INITIALIZERS[name]
    assert entry.deterministic == (name in FIXED)
    assert entry.deterministic == (entry.draws == "nothing: one start")
    assert "section" in entry.source
    assert entry.cost.startswith("O(")
    assert entry.unfit(5, 2, 3) == ""


def test_random_is_the_line_of_numpy_that_anyone_can_check(iris2):
    for seed in range(50):
        expected = iris2[np.random.default_rng(seed).choice(150, size=3, replace=False)]
        assert (first_centers("random", iris2, 3, seed) == expected).all()


def test_a_random_partition_has_the_mean_of_the_data_for_k_1(iris2):
    center = first_centers("random-partition", iris2, 1, seed=0)
    assert center.tolist() == [[math.fsum(column) / 150 for column in iris2.T]]


def test_a_random_partition_gives_empty_clusters_points_of_the_data():
    X = SMALL[:3]
    for seed in range(30):
        labels = np.random.default_rng(seed).integers(3, size=3)
        centers = first_centers("random-partition", X, 3, seed)
        for c in set(range(3)) - set(labels.tolist()):
            assert centers[c] in X


@pytest.mark.parametrize("name", BY_DISTANCE)
def test_a_point_that_is_a_center_already_is_not_taken_again(name):
    @settings(max_examples=100)
    @given(points(), st.data(), SEEDS)
    def check(X, data, seed):
        distinct = len(np.unique(X, axis=0))
        k = data.draw(st.integers(1, distinct))
        assert len(np.unique(first_centers(name, X, k, seed), axis=0)) == k

    check()


TAIL = np.array([0.0, 2.0**-1074, 2.0**-1074])  # where u * total rounds to total
STAIRS = np.array([0.0, 1.0, 1.0, 2.0, 3.0, 4.0])
SHARES = (0.0, 0.2, 0.2499, 0.25, 0.3, 0.4999, 0.5, 0.7499, 0.75, 0.9999)


def test_sampling_at_the_end_of_the_smallest_total_takes_the_point_that_has_it():
    assert draw(TAIL, 1 - 2.0**-53) == 1
    assert drawn(np.diff(TAIL, prepend=0.0), 1 - 2.0**-53) == 1


def test_sampling_takes_the_first_point_whose_running_sum_exceeds_the_share():
    expected = [1, 1, 1, 3, 3, 3, 4, 4, 5, 5]
    assert [draw(STAIRS, u) for u in SHARES] == expected
    assert [drawn(np.diff(STAIRS, prepend=0.0), u) for u in SHARES] == expected
    assert [drawn(np.zeros(4), u) for u in (0.0, 0.49, 0.99)] == [0, 1, 3]


def test_maximin_takes_the_farthest_and_of_equals_the_first():
    X = np.array([[0.0], [4.0], [-4.0], [1.0]])  # from 0 both ends are equally far
    starts = [first_centers("maximin", X, 3, seed).ravel().tolist() for seed in range(20)]
    assert [0.0, 4.0, -4.0] in starts
    assert {tuple(start) for start in starts if start[0] == 0.0} == {(0.0, 4.0, -4.0)}


def test_kkz_begins_with_the_largest_norm_and_of_equals_the_first():
    X = np.array([[1.0, 1.0], [0.0, -5.0], [3.0, 4.0], [0.0, 0.0]])
    assert first_centers("kkz", X, 3, 0).tolist() == [[0.0, -5.0], [3.0, 4.0], [0.0, 0.0]]


def test_parts_are_cut_where_the_sse_is_largest_at_the_mean():
    X = np.array([[0.0, 0.0], [1.0, 0.0], [10.0, 2.0], [11.0, 5.0], [12.0, 2.0]])
    # The mean of the first feature, 6.8, parts {0, 1} from {10, 11, 12}; of these the second
    # feature varies most, and its mean, 3, parts 5 from 2 and 2.
    expected = [[0.5, 0.0], [11.0, 2.0], [11.0, 5.0]]
    assert first_centers("var-part", X, 3, 0).tolist() == expected
    assert INITIALIZERS["var-part"].function(X, 3, np.array([0])).distances == [5 + 5 + 3]
    # The principal axes part the points alike.
    assert first_centers("pca-part", X, 3, 0).tolist() == expected


def test_the_principal_axis_is_that_of_the_covariance(rng):
    from kmeans_lab.kernels.init_parts import _principal_axis

    for d in (2, 3, 8, 70):
        X = rng.normal(size=(200, d)) @ rng.normal(size=(d, d))
        axis = _principal_axis(np.cov(X.T))
        largest = np.linalg.eigh(np.cov(X.T))[1][:, -1]
        assert abs(axis @ largest) == pytest.approx(np.linalg.norm(axis), rel=1e-12)


def test_a_diagonal_cloud_is_parted_across_its_axis():
    """Where both features vary alike, var-part must cut one of them, pca-part cuts across both."""
    X = np.array([[0.0, 0.0], [1.0, 3.0], [3.0, 1.0], [7.0, 5.0], [5.0, 7.0], [8.0, 8.0]])
    low, high = first_centers("pca-part", X, 2, 0).tolist()
    assert sorted([low, high]) == [[4 / 3, 4 / 3], [20 / 3, 20 / 3]]


def test_what_cannot_be_parted_has_rows_of_the_data():
    X = np.array([[2.0, 1.0], [2.0, 1.0], [5.0, 1.0]])
    for name in ("var-part", "pca-part"):
        assert first_centers(name, X, 3, 0).tolist() == [[2.0, 1.0], [5.0, 1.0], [2.0, 1.0]]


def test_adjacent_numbers_are_parted_though_their_mean_is_one_of_them():
    X = np.array([[1.0], [np.nextafter(1.0, 2.0)]])
    for scale in (1.0, 1.0 + 2.0**-52, -1.0):
        centers = first_centers("var-part", X * scale, 2, 0)
        assert sorted(centers.tolist()) == sorted((X * scale).tolist())
    X = np.repeat([3.8, np.nextafter(3.8, 4)], [8, 1])[:, None]
    assert math.fsum(X.ravel()) / 9 < 3.8  # the sum is rounded, and so is the mean
    assert first_centers("var-part", X, 2, 0).tolist() == [[3.8], [np.nextafter(3.8, 4)]]


def test_ls_plusplus_never_has_a_higher_total_than_k_means_plusplus(rng):
    X, seeds = rng.normal(size=(60, 2)).round(1), np.arange(30)

    def totals(name):
        starts = INITIALIZERS[name].function(X, 6, seeds).centers
        return np.array([nearest(X, centers)[1].sum() for centers in starts])

    before, after = totals("k-means++"), totals("ls++")
    assert (after <= before * (1 + 1e-12)).all()
    assert (after < before).sum() > 20


def test_luxburg_keeps_the_heaviest_where_too_few_have_their_share():
    from kmeans_lab.kernels.init_refined import _heavy

    labels = np.repeat([0, 1, 2, 3], [9, 1, 1, 1])
    assert _heavy(labels, 4, 2).tolist() == [0, 1]
    assert _heavy(labels, 4, 1).tolist() == [0]
    assert _heavy(np.repeat([0, 1, 2, 3], [1, 3, 4, 4]), 4, 2).tolist() == [1, 2, 3]


def test_candidates_too_few_are_made_up_for():
    """Of points that lie a thousand times farther each, a round draws hardly more than one."""
    X = 1000.0 ** np.arange(9)[:, None]
    for seed in range(20):
        assert {*first_centers("k-means||", X, 9, seed).ravel()} == {*X.ravel()}
        assert_twins("k-means||", X, 9, [seed])


def test_an_end_that_did_not_converge_has_one_more_assign():
    X = np.array([[0.0], [0.0], [1.0], [1.0]])  # three clusters, two places: a cycle
    ref, comp = twins("bradley-fayyad", X, 3, range(5))
    assert [spent for _, spent in ref] == comp.distances.tolist()
