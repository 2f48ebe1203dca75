"""Statistics: against enumeration, exact small cases and scipy."""

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, spearmanr

from kmeans_lab.statistics import (
    Estimate,
    best_known,
    describe,
    ecdf,
    expected_best,
    gaps,
    quantiles,
    rank_correlation,
    restart_counts,
    restarts_needed,
    wilson,
)

NAN = math.nan


@pytest.mark.parametrize(("successes", "starts"), [(0, 1), (0, 1000), (1, 1), (7, 7), (412, 1000)])
def test_wilson_is_scipys(successes, starts):
    theirs = binomtest(successes, starts).proportion_ci(0.95, "wilson")
    ours = wilson(successes, starts)
    assert ours == pytest.approx((successes / starts, theirs.low, theirs.high), abs=1e-14)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_stays_a_probability(case):
    share, low, high = wilson(*case)
    assert 0 <= low <= share <= high <= 1
    assert (low == 0) == (share == 0)
    assert (high == 1) == (share == 1)


def test_wilson_without_starts_is_null():
    assert np.isnan(wilson(0, 0)).all()


def exact_restarts(p, probability):
    """Starts counted one by one in exact fractions."""
    R, fail = 1, 1 - Fraction(p)
    while fail**R > 1 - Fraction(probability):
        R += 1
    return R


@pytest.mark.parametrize("probability", ["95/100", "99/100"])
@pytest.mark.parametrize("successes", [1, 5, 30, 50, 70, 90, 95, 99, 100])
def test_restarts_are_the_fewest_that_suffice(successes, probability):
    p = Fraction(successes, 100)
    reach = Estimate(float(p), float(p), float(p))
    needed = exact_restarts(p, probability)
    assert restarts_needed(reach, float(Fraction(probability))) == (needed, needed, needed)


def test_restarts_carry_the_interval_through():
    reach = wilson(30, 100)
    needed = restarts_needed(reach, 0.99)
    assert needed.value == 13
    assert needed.low == exact_restarts(reach.high, 0.99)
    assert needed.high == exact_restarts(reach.low, 0.99)
    assert needed.low < needed.value < needed.high


def test_restarts_where_no_start_succeeded():
    needed = restarts_needed(wilson(0, 1000), 0.99)
    assert (needed.value, needed.high) == (math.inf, math.inf)
    assert needed.low == exact_restarts(wilson(0, 1000).high, 0.99)


def test_restarts_where_every_start_succeeded():
    needed = restarts_needed(wilson(10, 10), 0.99)
    assert (needed.value, needed.low) == (1, 1)
    assert needed.high == exact_restarts(wilson(10, 10).low, 0.99)


def test_restarts_without_starts_are_null():
    assert np.isnan(restarts_needed(wilson(0, 0), 0.95)).all()


@given(st.lists(st.integers(0, 6).map(float), min_size=1, max_size=8))
def test_expected_best_is_the_mean_over_all_subsets(values):
    N = len(values)
    ours = expected_best(values, range(1, N + 1))
    every = [[min(subset) for subset in combinations(values, R)] for R in range(1, N + 1)]
    assert ours == pytest.approx([np.mean(minima) for minima in every], abs=1e-13)


def test_expected_best_stays_exact_for_many_starts():
    # The minimum of R of 1 … N is (N+1)/(R+1) on average.
    N, counts = 200_000, [1, 2, 1000, 100_000, 200_000]
    ours = expected_best(np.arange(N, 0, -1), counts)
    assert ours == pytest.approx([(N + 1) / (R + 1) for R in counts], rel=1e-11)


def test_expected_best_falls_and_ends_at_the_best(rng):
    values = rng.exponential(size=50)
    ours = expected_best(values, range(1, 51))
    assert ours[0] == pytest.approx(values.mean())
    assert ours[-1] == values.min()
    assert (np.diff(ours) <= 0).all()


def test_expected_best_of_more_than_there_are_is_null():
    assert np.isnan(expected_best([1.0, 2.0], [0, 3])).all()
    assert np.isnan(expected_best([], [1])).all()


def test_expected_best_is_null_only_where_null_may_be_the_best():
    ours = expected_best([0.0, 0.0, NAN, NAN], [1, 2, 3])
    assert np.isnan(ours[:2]).all()
    assert ours[2] == 0


@pytest.mark.parametrize(
    ("starts", "counts"), [(0, []), (1, [1]), (9, [1, 2, 5]), (100, [1, 2, 5, 10, 20, 50, 100])]
)
def test_restart_counts_stop_at_the_number_of_starts(starts, counts):
    assert restart_counts(starts) == counts


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=60))
def test_quantiles_are_numpys_that_occurred(values):
    theirs = np.quantile(values, [0, Fraction(1, 2), 1], method="inverted_cdf")
    ours = quantiles(values)
    assert (ours.min, ours.median, ours.max) == tuple(theirs)
    assert set(ours) <= set(values)
    assert list(ours) == sorted(ours)


def test_quantiles_of_a_hundred_values_are_counted():
    assert quantiles(np.arange(100, 0, -1)) == (1, 5, 25, 50, 75, 95, 100)


def test_quantiles_of_nothing_are_null():
    assert np.isnan(quantiles([])).all()


def test_gaps_where_the_best_is_zero():
    assert gaps([0.0, 1e-300], 0.0) == pytest.approx([0, NAN], nan_ok=True)
    assert gaps([0.0, 1.0], 0.0)[0] == 0


def test_gaps_of_starts_without_outcome_are_null():
    assert gaps([3.0, NAN], 2.0) == pytest.approx([0.5, NAN], nan_ok=True)
    assert np.isnan(gaps([NAN], NAN)).all()


def test_best_known_is_the_lowest_of_found_and_stated():
    assert best_known([NAN, 4.0, 3.0]) == 3
    assert best_known([NAN, 4.0], 5.0) == 4
    assert best_known([NAN], 5.0) == 5
    assert math.isnan(best_known([NAN]))
    assert math.isnan(best_known([]))


def test_rank_correlation_is_scipys_with_ties(rng):
    x = rng.integers(0, 5, 40).astype(float)
    y = x + rng.integers(0, 3, 40)
    assert rank_correlation(x, y) == pytest.approx(spearmanr(x, y).statistic)
    assert rank_correlation([*x, NAN, 9], [*y, 0, NAN]) == rank_correlation(x, y)


@pytest.mark.parametrize(
    ("x", "y"), [([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3, NAN], [5, 5, 5, 6]), ([], [])]
)
def test_rank_correlation_is_null_where_it_says_nothing(x, y):
    assert math.isnan(rank_correlation(x, y))


def test_ecdf_counts_starts_without_outcome_below():
    values, share = ecdf([3.0, 1.0, 3.0, NAN])
    assert values.tolist() == [1, 3]
    assert share.tolist() == [0.25, 0.75]
    assert ecdf([]).values.size == 0


def cell(**changes):
    """Six starts: two at the best, one a little above, one cut off, two without an outcome."""
    columns = {
        "status": ["converged", "converged", "converged", "max_iter", "empty_cluster", "error"],
        "inertia": [2.0, 2.0 * (1 + 1e-10), 3.0, 4.0, NAN, NAN],
        "silhouette": [0.5, 0.5, 0.4, 0.3, NAN, NAN],
        "n_iter": [5, 7, 6, 300, 2, 0],
        "partition": ["a", "a", "b", "c", None, None],
        "ari": [1.0, 1.0, 0.5, 0.25, NAN, NAN],
        "best": 2.0,
    }
    return describe(**columns | changes)


def test_a_cell_counts_failures_in_the_probability_but_not_in_quantiles():
    said = cell()
    assert (said.starts, said.outcomes, said.reached) == (6, 4, 2)
    assert said.reach == wilson(2, 6)
    assert said.restarts[0.99] == restarts_needed(wilson(2, 6), 0.99)
    assert said.inertia.max == 4
    assert said.gap.max == 1
    assert said.n_iter.max == 300
    assert said.n_iter.min == 5
    assert (said.ari.min, said.ari.max) == (0.25, 1.0)


def test_a_cell_counts_optima_of_converged_starts():
    assert cell().optima == 2
    assert cell().status["max_iter"] == 1
    assert cell().status["tol"] == 0


def test_a_cells_expected_gap_is_that_of_its_outcomes():
    expected = cell().expected_gap
    assert list(expected) == [1, 2]
    assert expected[1] == pytest.approx((0 + 1e-10 + 0.5 + 1) / 4)


def test_a_cell_whose_best_is_stated_lower_reaches_nothing():
    said = cell(best=1.0)
    assert said.reached == 0
    assert said.restarts[0.95].value == math.inf
    assert said.gap.min == 1


def test_of_a_cell_without_outcome_nothing_is_known():
    said = cell(inertia=[NAN] * 6, best=NAN)
    assert (said.outcomes, said.reached) == (0, 0)
    assert np.isnan([*said.reach, *said.restarts[0.99]]).all()
    assert math.isnan(said.gap.median)
    assert said.expected_gap == {}
    assert math.isnan(said.rank_correlation)


def test_a_deterministic_cell_has_no_doubt():
    one = {key: value[:1] for key, value in CELL_OF_ONE.items()}
    assert describe(**one, best=2.0, exact=True).reach == (1, 1, 1)
    assert describe(**one, best=1.0, exact=True).restarts[0.99].low == math.inf


def test_a_share_of_the_best_seldom_seen_is_open_below():
    columns = {name: value * 40 for name, value in CELL_OF_ONE.items()}
    columns["inertia"] = [1.0, *[2.0] * 39]
    told, rare = (describe(**columns, best=1.0, seldom=seldom) for seldom in (False, True))
    assert rare.reach == (told.reach.value, 0.0, told.reach.high)
    assert rare.restarts[0.99] == (told.restarts[0.99].value, told.restarts[0.99].low, math.inf)
    assert describe(**columns, best=1.0, seldom=True, exact=True).reach == (1 / 40,) * 3


CELL_OF_ONE = {
    "status": ["converged"],
    "inertia": [2.0],
    "silhouette": [0.5],
    "n_iter": [5],
    "partition": ["a"],
    "ari": [1.0],
}
