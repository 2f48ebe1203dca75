"""Restarts: success within gaps, the best of R, and whether the intervals keep their promise."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, bootstrap

from kmeans_lab.statistics import (
    GAPS,
    best_of,
    expected_best,
    restarts_needed,
    success,
    wilson,
)

NAN = math.nan


def test_success_counts_what_lies_within_each_gap():
    gap = [0.0, 1e-12, 1e-3, 0.0011, 0.05, 0.2, NAN, math.inf]
    assert list(success(gap)) == list(GAPS)
    assert list(success(gap).values()) == [wilson(hits, 8) for hits in (2, 3, 4, 5)]
    assert success(gap, [0.5]) == {0.5: wilson(6, 8)}


def test_success_without_starts_is_null():
    assert np.isnan(list(success([]).values())).all()


def coverage(N, p, holds):
    """Exact probability that the interval of a binomial number of successes holds."""
    return math.fsum(binom.pmf(s, N, p) for s in range(N + 1) if holds(wilson(s, N)))


@pytest.mark.parametrize("N", [50, 200, 1000])
def test_wilsons_interval_covers_the_probability(N):
    """Exact: 95 % on average, between 93 and 97 % from 8 expected successes and failures on."""
    grid = np.linspace(8 / N, 1 - 8 / N, 101)
    bounds = np.array([wilson(s, N) for s in range(N + 1)])
    holds = (bounds[:, 1, None] <= grid) & (grid <= bounds[:, 2, None])
    covered = (binom.pmf(np.arange(N + 1)[:, None], N, grid) * holds).sum(axis=0)
    assert covered.min() >= 0.93
    assert covered.max() <= 0.97
    assert covered.mean() == pytest.approx(0.95, abs=0.005)


SIMULATIONS = 2000


@pytest.mark.parametrize("confidence", [0.95, 0.99])
@pytest.mark.parametrize(("p", "N"), [(0.02, 1000), (0.05, 400), (0.1, 200), (0.003, 5000)])
def test_restarts_to_target_cover_the_truth(p, N, confidence, rng):
    hits = rng.binomial(N, p, size=SIMULATIONS)
    needed = math.ceil(math.log1p(-confidence) / math.log1p(-p))
    told = {s: restarts_needed(wilson(s, N), confidence) for s in set(hits.tolist())}
    covered = np.mean([told[s].low <= needed <= told[s].high for s in hits.tolist()])
    assert 0.93 <= covered <= 0.97


# Inertias of the optima, best first, and their probabilities.
LANDSCAPES = {
    "iris": ([78.85, 142.75, 143.45], [0.4, 0.35, 0.25]),
    "rare best": ([1.0, 1.3, 1.5, 2.2], [0.03, 0.4, 0.5, 0.07]),
    "many": (1 + np.linspace(0, 1, 15) ** 2, np.full(15, 1 / 15)),
    "near ties": ([10.0, 10.01, 10.02, 14.0], [0.1, 0.3, 0.3, 0.3]),
    "one bad": ([1.0, 1.05, 5.0], [0.2, 0.77, 0.03]),
}
SIZES = [1, 2, 10, 50]


def true_best(values, shares):
    above = 1 - np.cumsum(shares)[:-1]
    return np.array([values[0] + above**R @ np.diff(values) for R in SIZES])


def bands(values, shares, simulations, rng):
    """For each sample and size, whether there is a band and whether it holds the truth."""
    values, truth = np.asarray(values), true_best(values, shares)
    for counts in rng.multinomial(500, shares, size=simulations):
        told = best_of(np.repeat(values, counts), SIZES)
        yield told.inside, (told.low <= truth + 1e-12) & (truth <= told.high + 1e-12)


def test_the_best_of_r_covers_the_truth(rng):
    """Each of 2000 samples of 500 starts, over five landscapes."""
    told = [pair for case in LANDSCAPES.values() for pair in bands(*case, SIMULATIONS // 5, rng)]
    inside, holds = np.array(told).transpose(1, 0, 2)
    assert inside.mean() > 0.9
    covered = (inside & holds).sum(axis=0) / inside.sum(axis=0)
    assert (covered >= 0.93).all()
    assert (covered <= 0.97).all()


def test_the_band_is_that_of_all_resamples():
    """Two values seen 30 and 70 times: how often a resample has the lower one is binomial."""
    told = best_of([1.0] * 30 + [2.0] * 70, [1, 3, 10])
    shares = 100 * (1 - (np.array([told.high, told.low]) - 1) ** (1 / told.restarts))
    assert shares == pytest.approx(np.repeat(np.round(shares[:, :1]), 3, axis=1))
    assert shares[:, 0] == pytest.approx(binom.ppf([0.025, 0.975], 100, 0.3), abs=1.1)


@pytest.mark.parametrize("R", [1, 3, 6])
def test_the_band_is_scipys_bootstrap(R, rng):
    """Of skewed values, where the percentile interval is another one."""
    values = np.concatenate([np.zeros(12), rng.exponential(size=48) ** 3])

    def lowest(sample, axis):
        above = 1 - np.arange(sample.shape[-1] + 1) / sample.shape[-1]
        return np.sort(sample) @ -np.diff(above**R)

    theirs = bootstrap((values,), lowest, n_resamples=20_000, method="BCa", random_state=rng)
    told = best_of(values, [R])
    low, high = theirs.confidence_interval
    width = high - low
    assert (told.low[0], told.high[0]) == pytest.approx((low, high), abs=0.06 * width)


def test_beyond_a_tenth_of_the_starts_the_data_do_not_reach():
    told = best_of([1.0] * 50 + [2.0] * 50, [1, 10, 11, 100, 101])
    assert told.inside.tolist() == [True, True, False, False, False]
    assert np.isnan(told.low[2:]).all()
    assert np.isnan(told.high[2:]).all()
    assert told.expected[3] == 1
    assert math.isnan(told.expected[4])


def test_a_best_seen_less_than_ten_times_tells_nothing():
    assert not best_of([1.0] * 9 + [2.0] * 991, [1, 5]).inside.any()
    assert best_of([1.0] * 10 + [2.0] * 990, [1, 5]).inside.all()
    assert best_of([1.0 - 1e-10] + [1.0] * 9 + [2.0] * 990, [1]).inside.all()


def test_the_best_of_r_is_a_function_of_its_arguments(rng):
    values = rng.integers(0, 5, size=300).astype(float)
    one, same, other = (best_of(values, [1, 5], seed) for seed in (0, 0, 1))
    assert np.array_equal(one.low, same.low)
    assert not np.array_equal(one.low, other.low)
    assert np.array_equal(best_of(np.sort(values), [1, 5]).high, one.high)


def test_starts_without_outcome_are_left_out():
    values = [1.0] * 30 + [2.0] * 70
    assert np.array_equal(best_of([*values, NAN], [1, 5]).low, best_of(values, [1, 5]).low)


def test_no_start_no_best():
    told = best_of([], [1, 2])
    assert not told.inside.any()
    assert np.isnan(told.expected).all()


def test_many_distinct_values_are_grouped_without_moving_the_band():
    # 20 000 distinct values, of which a resample keeps 512 apart: as good as one that keeps all.
    values = np.concatenate([np.zeros(200), np.random.default_rng(5).exponential(size=19_800)])
    told = best_of(values, [1, 10, 100])
    assert (told.low <= told.expected).all()
    assert (told.expected <= told.high).all()
    half = 1.96 * values.std() / math.sqrt(values.size)
    assert told.high[0] - told.expected[0] == pytest.approx(half, rel=0.08)


@given(st.lists(st.integers(0, 3).map(float), min_size=20, max_size=60))
def test_the_expected_best_is_that_of_all_subsets(values):
    assert np.array_equal(best_of(values, [1, 2]).expected, expected_best(values, [1, 2]))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4), st.integers(1, 4))
def test_of_all_starts_there_are_new_ones_are_drawn_again(values, R):
    """By going through every sequence of R of them."""
    every = [min(drawn) for drawn in product(values, repeat=R)]
    assert expected_best(values, [R], again=True) == pytest.approx([np.mean(every)])
