"""Points on a line: the computed optimum is the best of all partitions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_lab.reference.line import _sums, best_intervals, cost, told_apart
from partitions import inertia_of, optimum_of

CLOSE = Fraction(1, 10**12)
KINDS = {
    "lattice": lambda random, n: random.integers(-4, 5, n).astype(float),
    "noise": lambda random, n: random.normal(size=n),
    "decimals": lambda random, n: random.integers(0, 50, n) / 10 + 1e8,
    "clumps": lambda random, n: 1e5 * random.integers(0, 3, n) + 1e-2 * random.normal(size=n),
    "wide": lambda random, n: 10.0 ** random.integers(-12, 13, n) * random.choice([-1, 0, 1], n),
    "huge": lambda random, n: 1e144 * random.normal(size=n),
    "tiny": lambda random, n: 1e-300 * random.normal(size=n),
}


def data(kind, seed, n):
    return KINDS[kind](np.random.default_rng(seed), n)


def twin(x, k):
    """The lowest inertia of k intervals, by every cut and in fractions."""
    values = sorted(Fraction(v) for v in x.tolist())
    prefix = [(Fraction(0), Fraction(0))]
    for v in values:
        prefix.append((prefix[-1][0] + v, prefix[-1][1] + v * v))

    def spread(j, i):
        first, second = (prefix[i][p] - prefix[j][p] for p in (0, 1))
        return second - first * first / (i - j)

    best = [None, *(spread(0, i) for i in range(1, len(x) + 1))]
    for _ in range(1, k):
        best = [
            min((best[j] + spread(j, i) for j in range(1, i) if best[j] is not None), default=None)
            for i in range(len(x) + 1)
        ]
    return best[-1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 2, 5, 7])
def test_no_partition_is_better(kind, n):
    for seed in range(3):
        x = data(kind, seed, n)
        for k in range(1, len(set(x.tolist())) + 1):
            labels = best_intervals(x, k)
            assert len(set(labels.tolist())) == k
            found = inertia_of(x[:, None], labels.tolist())
            assert found <= optimum_of(x[:, None], k) * (1 + CLOSE)


@given(st.sampled_from([*KINDS]), st.integers(0, 999), st.integers(8, 33), st.integers(1, 8))
def test_it_is_the_best_of_all_cuts(kind, seed, n, k):
    x = data(kind, seed, n)
    k = min(k, len(set(x.tolist())))
    found = inertia_of(x[:, None], best_intervals(x, k).tolist())
    if not told_apart(x, float(found)):
        assert kind == "wide"
    else:
        assert found <= twin(x, k) * (1 + CLOSE)


@given(st.sampled_from([*KINDS]), st.integers(0, 999), st.integers(1, 200), st.integers(1, 200))
def test_labels_rise_with_the_values_and_equals_share_one(kind, seed, n, k):
    x = data(kind, seed, n)
    k = min(k, len(set(x.tolist())))
    labels = best_intervals(x, k)
    order = np.argsort(x, kind="stable")
    steps = np.diff(labels[order].astype(int))
    assert labels[order[0]] == 0
    assert labels.max() == k - 1
    assert set(steps.tolist()) <= {0, 1}
    assert not steps[np.diff(x[order]) == 0].any()


@pytest.mark.parametrize("kind", KINDS)
def test_costs_have_all_their_digits(kind):
    values, counts = np.unique(data(kind, 7, 60), return_counts=True)
    sums = _sums(values, counts)
    j, i = np.triu_indices(len(values) + 1, 1)
    found = cost(sums, j, i)
    whole = cost(sums, np.array([0]), np.array([len(values)]))[0]
    exact = {
        (a, b): inertia_of(np.repeat(values[a:b], counts[a:b])[:, None], [0] * counts[a:b].sum())
        for a, b in zip(j.tolist(), i.tolist(), strict=True)
    }
    total = exact[0, len(values)]
    for a, b, value in zip(j.tolist(), i.tolist(), found.tolist(), strict=True):
        ratio = exact[a, b] / total
        assert abs(Fraction(value) / Fraction(whole) - ratio) <= ratio / 2**45 + Fraction(1, 2**95)
