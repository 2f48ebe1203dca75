"""Ranks over data sets: published tables, exact small cases, and what must not matter."""

import math
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kmeans_lab.statistics import (
    cliques,
    critical_difference,
    enough,
    friedman,
    signed_rank,
)

# Demšar (2006), table 6: AUC of C4.5, with pruning m, with pruning cf, with both, on 14 data sets.
# The last of "voting" is given as 0.975 like the third, but ranked behind it.
AUC = np.array(
    [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.975, 0.9749],
        [0.957, 0.978, 0.946, 0.970],
    ]
)

# Demšar (2006), table 5 (a): critical values of the Nemenyi test for 2 to 10 methods.
NEMENYI = {
    0.05: (1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164),
    0.10: (1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920),
}

tables = st.integers(2, 5).flatmap(
    lambda m: st.lists(
        st.lists(st.integers(0, 6), min_size=m, max_size=m), min_size=2, max_size=6
    ).map(lambda rows: np.array(rows, float))
)
differences = st.lists(st.integers(-40, 40), min_size=1, max_size=8).map(
    lambda d: np.array(d) / 1000
)


def test_the_published_decision_trees():
    found = friedman(-AUC)
    np.testing.assert_allclose(found.ranks, [3.143, 2.000, 2.893, 1.964], atol=5e-4)
    # The paper leaves out the correction for ties: three pairs and once all four.
    chi_square = found.chi_square * (1 - (3 * (2**3 - 2) + (4**3 - 4)) / (14 * 4 * 15))
    assert chi_square == pytest.approx(9.28, abs=0.005)
    assert 13 * chi_square / (14 * 3 - chi_square) == pytest.approx(3.69, abs=0.005)
    assert pytest.approx(13 * found.chi_square / (14 * 3 - found.chi_square)) == found.F
    assert found.F > 2.85  # its critical value
    assert found.p < 0.05
    assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)
    # The largest difference, 1.179, is not enough for α = 0.05; for 0.10 it and 1.143 are.
    assert cliques(found.ranks, 1.25) == ((3, 1, 2, 0),)
    assert cliques(found.ranks, 2.291 * math.sqrt(20 / 84)) == ((3, 1, 2), (2, 0))


def test_the_published_rounding_of_first_base():
    """Hollander & Wolfe (1973), pages 140 to 146, as in the manual of R's friedman.test."""
    times = """5.40 5.50 5.55  5.85 5.70 5.75  5.20 5.60 5.50  5.55 5.50 5.40  5.90 5.85 5.70
        5.45 5.55 5.60  5.40 5.40 5.35  5.45 5.50 5.35  5.25 5.15 5.00  5.85 5.80 5.70
        5.25 5.20 5.10  5.65 5.55 5.45  5.60 5.35 5.45  5.05 5.00 4.95  5.50 5.50 5.40
        5.45 5.55 5.50  5.55 5.55 5.35  5.45 5.50 5.55  5.50 5.45 5.25  5.65 5.60 5.40
        5.70 5.65 5.55  6.30 6.30 6.25"""
    found = friedman(np.array(times.split(), float).reshape(22, 3))
    assert found.chi_square == pytest.approx(11.143, abs=5e-4)
    assert found.p == pytest.approx(0.003805, abs=0.003)


@pytest.mark.parametrize("alpha", NEMENYI)
def test_the_published_critical_values(alpha):
    for m, q in enumerate(NEMENYI[alpha], 2):
        unit = math.sqrt(m * (m + 1) / 60)
        assert critical_difference(m, 10, alpha) / unit == pytest.approx(q, abs=2e-3)


@settings(max_examples=30)
@given(tables)
def test_the_statistic_is_scipys(scores):
    found = friedman(scores)
    np.testing.assert_allclose(found.ranks, stats.rankdata(scores, axis=1).mean(axis=0))
    if (scores == scores[:, :1]).all():
        assert found[1:] == (0.0, 0.0, 1.0)
    elif scores.shape[1] > 2:
        assert found.chi_square == pytest.approx(stats.friedmanchisquare(*scores.T).statistic)


@pytest.mark.parametrize("scores", [[[1, 2, 3], [2, 1, 3], [1, 3, 2]], [[1, 1, 2], [2, 3, 2]]])
def test_p_counts_every_order_within_every_data_set(scores):
    def unevenness(ranks):
        return np.var(np.sum(ranks, axis=0))

    ranks = stats.rankdata(scores, axis=1)
    every = [unevenness(rows) for rows in product(*(permutations(row) for row in ranks))]
    at_least = np.mean(np.array(every) >= unevenness(ranks) - 1e-12)
    assert friedman(scores).p == pytest.approx(at_least)


def test_p_of_many_data_sets_is_that_of_chi_square(rng):
    scores = rng.normal([0, 0.1, 0.2, 0.3], size=(60, 4))
    found = friedman(scores)
    assert 0.001 < found.p < 0.999
    assert found.p == pytest.approx(stats.chi2.sf(found.chi_square, 3), abs=0.02)


@settings(max_examples=15)
@given(tables, st.randoms(use_true_random=False))
def test_ranks_know_only_the_order_within_a_data_set(scores, random):
    found = friedman(scores)
    stretched = np.exp(scores) * np.arange(1, len(scores) + 1)[:, None] - 7
    assert friedman(stretched)[1:] == found[1:]
    order = random.sample(range(scores.shape[1]), scores.shape[1])
    moved = friedman(scores[:, order])
    np.testing.assert_array_equal(moved.ranks, found.ranks[order])
    assert moved.chi_square == pytest.approx(found.chi_square)
    assert friedman(scores[::-1]).chi_square == pytest.approx(found.chi_square)


@pytest.mark.parametrize("m", [2, 3, 4, 6])
def test_enough_is_where_full_agreement_begins_to_tell(m):
    """One data set fewer, and not even full agreement could have given a ranking."""

    def tells(D):
        agreed = friedman(np.tile(np.arange(m), (D, 1)))
        return agreed.p <= 0.05 and np.ptp(agreed.ranks) >= critical_difference(m, D)

    assert tells(enough(m))
    assert not tells(enough(m) - 1)
    assert enough(m, 0.001) > enough(m)


def test_cliques_are_the_longest_that_stay_within_the_difference():
    assert cliques([1.0, 2.0, 3.0], 1.0) == ()  # apart by the difference is apart
    assert cliques([1.0, 2.0, 3.0], 1.01) == ((0, 1), (1, 2))
    assert cliques([3.0, 1.0, 2.0], 5.0) == ((1, 2, 0),)
    assert cliques([2.0, 2.0], 0.5) == ((0, 1),)


@given(st.lists(st.integers(2, 20).map(lambda r: r / 2), min_size=2, max_size=8))
def test_two_methods_share_a_clique_where_they_are_closer_than_the_difference(ranks):
    found = cliques(ranks, 1.5)
    for i, j in permutations(range(len(ranks)), 2):
        together = any(i in group and j in group for group in found)
        assert together == (abs(ranks[i] - ranks[j]) < 1.5)
    assert not [(a, b) for a, b in permutations(found, 2) if set(a) <= set(b)]


def naive_signed_rank(z, rope, weights):
    """Who wins under each set of weights, pair by pair."""
    wins = np.zeros(3)
    for w in weights:
        shares = [0.0, 0.0, 0.0]
        for i, j in product(range(len(z)), repeat=2):
            mean = (z[i] + z[j]) / 2
            shares[0 if mean > rope else 2 if mean < -rope else 1] += w[i] * w[j]
        wins[int(np.argmax(shares))] += 1
    return wins / len(weights)


def test_signed_rank_against_its_twin(rng):
    d = [0.012, -0.004, 0.003, 0.0005, -0.0061]
    weights = rng.dirichlet([0.5, *[1] * 5], 4000)
    expected = naive_signed_rank([0, *d], 0.002, weights)
    np.testing.assert_allclose(signed_rank(d, 0.002), expected, atol=0.03)


@pytest.mark.parametrize("D", [1, 2, 5])
def test_signed_rank_where_all_data_sets_agree(D):
    """Only the pair of the prior's 0 with itself is not better: w₀² against 1 − w₀²."""
    exact = stats.beta.cdf(math.sqrt(0.5), 0.5, D)
    found = signed_rank([1.0] * D, rope=0.001)
    assert found.better == pytest.approx(exact, abs=0.012)
    assert found.worse == 0


@settings(max_examples=30)
@given(differences, st.integers(0, 9))
def test_signed_rank_turns_with_its_sides(d, seed):
    there, back = signed_rank(d, 0.001, seed), signed_rank(-d, 0.001, seed)
    assert sum(there) == pytest.approx(1)
    assert there == pytest.approx(back[::-1])
    assert signed_rank(d, 0.001, seed) == there
    assert signed_rank(d, 0.05) == (0, 1, 0)
    assert signed_rank(d[::-1], 0.001, seed) == pytest.approx(there, abs=0.03)


def test_more_weight_outside_makes_more_probable():
    d = np.array([0.02, 0.01, 0.0, -0.002, 0.03, 0.004])
    by_rope = [signed_rank(d, rope).equivalent for rope in (0.0001, 0.001, 0.01, 0.1)]
    assert by_rope == sorted(by_rope)
    assert signed_rank(d + 0.01, 0.001).better > signed_rank(d, 0.001).better


def test_full_agreement_is_as_rare_as_it_is():
    """Among 3!^5 orders fewer are drawn than it would take to see that one."""
    assert friedman([[1.0, 2.0, 3.0]] * 6).p == pytest.approx(6.0**-5)
