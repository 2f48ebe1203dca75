"""What random initializers draw, as often as going through all that can be drawn says.

Each program here adds up exact probabilities of results, by another way than the kernels go.
"""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from scipy.stats import chi2_contingency, chisquare, kstest

from kmeans_lab.kernels.init_refined import refined
from kmeans_lab.kernels.initializers import INITIALIZERS
from naive import assign, lloyd, update

SMALL = np.array([[0.0], [1.0], [3.0], [3.5], [9.0], [10.0]])
PLANE = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [5.0, 1.0], [6.0, 3.0]])
DRAWS = 20_000
LEAST = 10  # expected draws; what is rarer is counted together
SURE = 0.001  # of a test that would fail by chance


def seen(name, X, k, rng, draws=DRAWS):
    """How often each array of centers came, as bytes."""
    centers = INITIALIZERS[name].function(X, k, rng.integers(2**63, size=draws)).centers
    return Counter(each.tobytes() for each in centers)


def of_points(chances, X):
    """Chances of centers, from those of sequences of points."""
    found = Counter()
    for sequence, chance in chances.items():
        found[X[list(sequence)].tobytes()] += chance
    return found


def assert_as_often(found, chances):
    """A chi-square test of counts against exact chances, and nothing that has none."""
    assert math.fsum(chances.values()) == pytest.approx(1, abs=1e-9)
    assert found.keys() <= chances.keys()
    total, expected, counts = found.total(), Counter(), Counter()
    for key, chance in chances.items():
        group = key if chance * total >= LEAST else "rare"
        expected[group] += chance * total
        counts[group] += found[key]
    if expected["rare"] < LEAST:
        expected["rare"] = 0
    groups = [group for group in expected if expected[group] > 0]
    observed = np.array([counts[group] for group in groups], float)
    wanted = np.array([expected[group] for group in groups])
    assert chisquare(observed, wanted * observed.sum() / wanted.sum()).pvalue > SURE


def squares(X, chosen):
    """Squared distance of each point from the nearest of some."""
    return ((X[:, None] - X[list(chosen)]) ** 2).sum(axis=2).min(axis=1)


def shares(weights):
    return weights / weights.sum() if weights.sum() else np.full(len(weights), 1 / len(weights))


def by_distance(X, k, candidates=1):
    """Chances of sequences of points drawn by squared distance, the best of some for each."""
    sequences = {(i,): 1 / len(X) for i in range(len(X))}
    for _ in range(k - 1):
        longer = Counter()
        for chosen, chance in sequences.items():
            share = shares(squares(X, chosen))
            left = [squares(X, (*chosen, i)).sum() for i in range(len(X))]
            for drawn in itertools.product(np.flatnonzero(share), repeat=candidates):
                best = min(drawn, key=left.__getitem__)
                longer[(*chosen, int(best))] += chance * math.prod(share[i] for i in drawn)
        sequences = longer
    return sequences


def by_farthest(X, k):
    chances = {}
    for i in range(len(X)):
        chosen = [i]
        while len(chosen) < k:
            chosen.append(int(squares(X, chosen).argmax()))
        chances[tuple(chosen)] = 1 / len(X)
    return chances


def by_chains(X, k, links):
    """Each further point is where a chain stands after so many links: powers of its matrix."""
    n, sequences = len(X), {(i,): 1 / len(X) for i in range(len(X))}
    for _ in range(k - 1):
        longer = Counter()
        for chosen, chance in sequences.items():
            q = shares(squares(X, chosen[:1])) / 2 + 1 / (2 * n)
            target = squares(X, chosen) / q
            step = np.zeros((n, n))
            for x, y in itertools.product(range(n), repeat=2):
                accepted = 1.0 if target[y] >= target[x] else target[y] / target[x]
                step[x, y] += q[y] * accepted
                step[x, x] += q[y] * (1 - accepted)
            for i, last in enumerate(q @ np.linalg.matrix_power(step, links - 1)):
                longer[(*chosen, i)] += chance * last
        sequences = longer
    return sequences


def by_swaps(X, k, steps):
    """k-means++, then points by squared distance in the place of the center that helps most."""
    sequences = by_distance(X, k)
    for _ in range(steps):
        after = Counter()
        for chosen, chance in sequences.items():
            here = squares(X, chosen)
            for i, share in enumerate(shares(here)):
                tries = [(*chosen[:c], i, *chosen[c + 1 :]) for c in range(k)]
                totals = [squares(X, each).sum() for each in tries]
                best = int(np.argmin(np.round(totals, 9)))  # sums of decimals: equals are equal
                kept = tries[best] if totals[best] < here.sum() - 1e-9 else chosen
                after[kept] += chance * share
        sequences = after
    return sequences


POINTS = {
    "random": lambda X: dict.fromkeys(itertools.permutations(range(len(X)), 3), 1 / 120),
    "k-means++": lambda X: by_distance(X, 3),
    "greedy-k-means++": lambda X: by_distance(X, 3, 3),
    "maximin": lambda X: by_farthest(X, 3),
    "afk-mc2": lambda X: by_chains(X, 3, 200),
    "ls++": lambda X: by_swaps(X, 3, 25),
}


@pytest.mark.parametrize("name", POINTS)
def test_points_are_drawn_as_often_as_enumeration_says(name, rng):
    assert_as_often(seen(name, SMALL, 3, rng), of_points(POINTS[name](SMALL), SMALL))


def test_the_tests_tell_neighbors_apart(rng):
    """A test that takes one for another would not see a wrong distribution."""
    for name, other in itertools.permutations(["k-means++", "greedy-k-means++", "random"], 2):
        with pytest.raises(AssertionError):
            assert_as_often(seen(name, SMALL, 3, rng), of_points(POINTS[other](SMALL), SMALL))


@pytest.mark.parametrize("links", [1, 2, 3])
def test_short_chains_are_where_powers_of_their_matrix_say(links, rng, monkeypatch):
    from kmeans_lab.kernels import init_distance

    monkeypatch.setattr(init_distance, "LINKS", links)
    assert_as_often(seen("afk-mc2", SMALL, 3, rng), of_points(by_chains(SMALL, 3, links), SMALL))


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_few_swaps_are_made_as_often_as_enumeration_says(steps, rng, monkeypatch):
    from kmeans_lab.kernels import init_distance

    monkeypatch.setattr(init_distance, "SWAPS", steps)
    assert_as_often(seen("ls++", SMALL, 3, rng), of_points(by_swaps(SMALL, 3, steps), SMALL))


def test_partitions_are_drawn_as_often_as_enumeration_says(rng):
    n, k, chances = len(PLANE), 3, Counter()
    for labels in itertools.product(range(k), repeat=n):
        means = update(PLANE, np.array(labels), np.zeros((k, 2)))
        empty = sorted(set(range(k)) - set(labels))
        for filling in itertools.product(range(n), repeat=len(empty)):
            means[empty] = PLANE[list(filling)]
            chances[means.tobytes()] += 1 / k**n / n ** len(empty)
    assert_as_often(seen("random-partition", PLANE, k, rng), chances)


def pools(X, k, rounds):
    """Chances of the candidates of k-means||, in the order in which they were drawn."""
    found = {(i,): 1 / len(X) for i in range(len(X))}
    for _ in range(rounds):
        longer = Counter()
        for pool, chance in found.items():
            weights = squares(X, pool)
            each = np.minimum(1, 2 * k * shares(weights)) if weights.any() else weights
            for picked in itertools.product((False, True), repeat=len(X)):
                new = tuple(int(i) for i in np.flatnonzero(picked))
                factors = np.where(picked, each, 1 - each)
                if factors.all():
                    longer[pool + new] += chance * factors.prod()
        found = longer
    return found


def filled(X, k, found):
    """The same with points drawn by squared distance until k candidates differ."""
    whole, waiting = Counter(), [*found.items()]
    while waiting:
        pool, chance = waiting.pop()
        weights = squares(X, pool)
        if len(np.unique(X[list(pool)], axis=0)) >= k or not weights.any():
            whole[pool] += chance
            continue
        drawn = enumerate(shares(weights))
        waiting += [((*pool, i), chance * share) for i, share in drawn if share > 0]
    return whole


def among(X, k, pool):
    """Chances of the centers that weighted k-means++ chooses among the candidates."""
    candidates = X[list(pool)]
    near = ((X[:, None] - candidates) ** 2).sum(axis=2).argmin(axis=1)
    weights = np.bincount(near, minlength=len(pool))
    sequences = {(i,): share for i, share in enumerate(shares(weights)) if share > 0}
    for _ in range(k - 1):
        longer = Counter()
        for chosen, chance in sequences.items():
            for i, share in enumerate(shares(weights * squares(candidates, chosen))):
                if share > 0:
                    longer[(*chosen, i)] += chance * share
        sequences = longer
    return {tuple(pool[i] for i in chosen): chance for chosen, chance in sequences.items()}


@pytest.mark.parametrize("rounds", [0, 1, 5])
def test_candidates_and_centers_are_drawn_as_often_as_enumeration_says(rounds, rng, monkeypatch):
    from kmeans_lab.kernels import init_sampling

    monkeypatch.setattr(init_sampling, "ROUNDS", rounds)
    X = np.array([[0.0], [1.0], [1.0], [5.0], [50.0]])
    chances = Counter()
    for pool, chance in filled(X, 2, pools(X, 2, rounds)).items():
        for sequence, share in among(X, 2, pool).items():
            chances[sequence] += chance * share
    assert_as_often(seen("k-means||", X, 2, rng, draws=5000), of_points(chances, X))


def test_coordinates_are_uniform_between_the_smallest_and_the_largest(rng):
    X = np.array([[-3.0, 10.0], [1.0, 70.0], [0.0, 12.0]])
    seeds = rng.integers(2**63, size=2000)
    centers = INITIALIZERS["uniform-box"].function(X, 2, seeds).centers.reshape(len(seeds), -1)
    for column, low, width in zip(centers.T, [-3, 10] * 2, [4, 60] * 2, strict=True):
        assert kstest(column, "uniform", args=(low, width)).pvalue > SURE
    off_diagonal = np.corrcoef(centers.T)[~np.eye(4, dtype=bool)]
    assert np.abs(off_diagonal).max() < 4 / math.sqrt(len(seeds))


def test_luxburg_s_centers_come_as_often_as_enumeration_says(rng):
    X, k, many = PLANE, 3, 4
    chances = Counter()
    for rows in itertools.permutations(range(len(X)), many):
        labels, _ = assign(X, X[list(rows)])
        means = update(X, labels, X[list(rows)])
        counts = np.bincount(labels, minlength=many)
        heavy = [c for c in range(many) if counts[c] >= len(X) / many]
        if len(heavy) < k:
            heavy = sorted(sorted(range(many), key=lambda c: -counts[c])[:k])
        left = means[heavy]
        for begin in range(len(left)):
            chosen = [begin]
            while len(chosen) < k:
                chosen.append(int(squares(left, chosen).argmax()))
            chances[left[chosen].tobytes()] += 1 / math.perm(len(X), many) / len(left)
    assert_as_often(seen("luxburg", X, k, rng), chances)


def test_refined_starts_come_as_often_as_enumeration_says(rng):
    """With 2 samples of 3 points; of 10 samples there are too many to go through."""
    X, k, samples, size = PLANE, 2, 2, 3
    ordered, chances = [*itertools.permutations(range(len(X)), size)], Counter()
    for start in itertools.permutations(range(len(X)), k):
        ends = Counter()
        for rows in ordered:
            centers = lloyd(X[list(rows)], X[list(start)])["centers"]
            ends[centers.tobytes()] += 1 / len(ordered)
        for pair in itertools.product(ends, repeat=samples):
            starts = np.array([np.frombuffer(each).reshape(k, 2) for each in pair])
            clustered = [lloyd(np.concatenate(starts), each) for each in starts]
            best = min(clustered, key=lambda end: end["inertia"])["centers"].tobytes()
            chances[best] += math.prod(ends[each] for each in pair) / math.perm(len(X), k)
    generators = map(np.random.default_rng, rng.integers(2**63, size=2000).tolist())
    found = Counter(refined(X, k, each, samples, size)[0].tobytes() for each in generators)
    assert_as_often(found, chances)


def test_greedy_draws_like_scikit_learn(rng):
    from sklearn.cluster import kmeans_plusplus

    theirs = Counter(kmeans_plusplus(SMALL, 3, random_state=s)[0].tobytes() for s in range(3000))
    assert same_in_distribution(seen("greedy-k-means++", SMALL, 3, rng), theirs) > SURE
    assert same_in_distribution(seen("k-means++", SMALL, 3, rng), theirs) < 1e-9


def same_in_distribution(a, b):
    """p of a chi-square test of two samples."""
    table, rare = [], np.zeros(2)
    for key in a.keys() | b.keys():
        counts = np.array([a[key], b[key]], float)
        expected = counts.sum() * b.total() / (a.total() + b.total())
        if expected >= LEAST / 2:
            table.append(counts)
        else:
            rare += counts
    return chi2_contingency(np.array([*table, rare] if rare.sum() else table)).pvalue
