"""First centers chosen in whole numbers and fractions, from the random numbers of the lab's draws.

Each takes points (n tuples of fractions), k and a NumPy generator, and gives k centers.
"""

import math
from fractions import Fraction

from oracle import distance, float64, kmeans, update


def draw(weights, u):
    """The first place at which the running sum exceeds u times the whole."""
    whole, reached = sum(weights), 0
    if whole == 0:
        return math.floor(Fraction(u) * len(weights))
    for place, weight in enumerate(weights):
        reached += weight
        if reached > Fraction(u) * whole:
            return place
    raise AssertionError("u is below 1")


def nearest(X, chosen):
    """Squared distance of every point to the nearest of the centers."""
    return [min(distance(x, c) for c in chosen) for x in X]


def random_partition(X, k, rng):
    """Means of random clusters; a random point where a cluster has none."""
    labels = rng.integers(k, size=len(X)).tolist()
    held = [c if c in labels else int(rng.integers(len(X))) for c in range(k)]
    kept = [X[i] if c not in labels else () for c, i in enumerate(held)]
    return update(X, labels, kept)


def first(X, k, rng):
    """The first rows."""
    return X[:k]


def kmeans_plusplus(X, k, rng, candidates=1):
    """Points drawn by squared distance, of several the one that leaves the least."""
    chosen = [X[rng.integers(len(X))]]
    for row in rng.random((k - 1, candidates)):
        drawn = [X[draw(nearest(X, chosen), u)] for u in row]
        left = [sum(nearest(X, [*chosen, point])) for point in drawn]
        chosen.append(drawn[left.index(min(left))])
    return chosen


def greedy_kmeans_plusplus(X, k, rng):
    """k-means++ with 2 + floor(ln k) candidates for each center."""
    return kmeans_plusplus(X, k, rng, 2 + math.floor(math.log(k)))


def farthest(X, k, start):
    """A point, then always the farthest one."""
    chosen = [X[start]]
    while len(chosen) < k:
        away = nearest(X, chosen)
        chosen.append(X[away.index(max(away))])
    return chosen


def maximin(X, k, rng):
    """A random point first."""
    return farthest(X, k, rng.integers(len(X)))


def kkz(X, k, rng):
    """The point farthest from the origin first."""
    norms = [sum(value * value for value in x) for x in X]
    return farthest(X, k, norms.index(max(norms)))


def kmeans_parallel(X, k, rng):
    """Rounds of points drawn by squared distance, then weighted k-means++ among them."""
    pool = [X[rng.integers(len(X))]]
    for _ in range(5):
        away = nearest(X, pool)
        whole, numbers = sum(away), rng.random(len(X))
        pool += [
            x for x, a, u in zip(X, away, numbers, strict=True) if Fraction(u) * whole < 2 * k * a
        ]
    while len(set(owners(X, pool))) < k and max(nearest(X, pool)) > 0:
        pool.append(X[draw(nearest(X, pool), rng.random())])
    weights = [owners(X, pool).count(c) for c in range(len(pool))]
    numbers = rng.random(k)
    chosen = [pool[draw(weights, numbers[0])]]
    for u in numbers[1:]:
        away = nearest(pool, chosen)
        chosen.append(pool[draw([w * a for w, a in zip(weights, away, strict=True)], u)])
    return chosen


def owners(X, centers):
    """The nearest center of every point, the lowest index on a tie."""
    return [min(range(len(centers)), key=lambda c: distance(x, centers[c])) for x in X]


def afk_mc2(X, k, rng, links=200):
    """Chains of points: to the next one where its chance by squared distance is not too small."""
    chosen, numbers = [X[rng.integers(len(X))]], rng.random((k - 1, links, 2))
    share = nearest(X, chosen)
    weights = [len(X) * away + sum(share) if sum(share) else 1 for away in share]
    for chain in numbers:
        away = nearest(X, chosen)
        here = draw(weights, chain[0, 0])
        for u, v in chain[1:]:
            there = draw(weights, u)
            if away[there] * weights[here] > Fraction(v) * away[here] * weights[there]:
                here = there
        chosen.append(X[here])
    return chosen


def ls_plusplus(X, k, rng, steps=25):
    """k-means++, then points that take the place of a center where that helps."""
    chosen = [X[rng.integers(len(X))]]
    for u in rng.random(k - 1):
        chosen.append(X[draw(nearest(X, chosen), u)])
    for u in rng.random(steps):
        point = X[draw(nearest(X, chosen), u)]
        others = [[*chosen[:c], point, *chosen[c + 1 :]] for c in range(k)]
        left = [sum(nearest(X, other)) for other in others]
        if min(left) < sum(nearest(X, chosen)):
            chosen = others[left.index(min(left))]
    return chosen


def luxburg(X, k, rng):
    """Too many points, one step, the light clusters dropped, maximin among the others."""
    n, many = len(X), min(len(X), max(k, math.ceil(k * math.log(k))))
    centers = [X[i] for i in rng.choice(n, size=many, replace=False)]
    labels = owners(X, centers)
    centers, counts = update(X, labels, centers), [labels.count(c) for c in range(many)]
    heavy = [c for c in range(many) if counts[c] * many >= n]
    if len(heavy) < k:
        heavy = sorted(sorted(range(many), key=lambda c: -counts[c])[:k])
    return farthest([centers[c] for c in heavy], k, rng.integers(len(heavy)))


def var_part(X, k, rng):
    """Parts cut at the mean of the feature that varies most."""
    parts, whole = [X], set()
    while len(parts) < k:
        spreads = [0 if place in whole else sum(squares(p)) for place, p in enumerate(parts)]
        if max(spreads) == 0:
            break
        worst = spreads.index(max(spreads))
        part, by = parts[worst], squares(parts[worst])
        j = by.index(max(by))
        middle = sum(x[j] for x in part) / len(part)
        parts[worst] = [x for x in part if x[j] <= middle]
        parts.append([x for x in part if x[j] > middle])
    return [mean(part) for part in parts] + X[: k - len(parts)]


def mean(part):
    return tuple(sum(column) / len(part) for column in zip(*part, strict=True))


def squares(part):
    """Sum of squared deviations, feature by feature."""
    columns = zip(zip(*part, strict=True), mean(part), strict=True)
    return [sum((value - middle) ** 2 for value in column) for column, middle in columns]


def bradley_fayyad(X, k, rng, samples=10):
    """k-means on samples, k-means on what it found, the best of those."""
    size = min(len(X), max(math.ceil(len(X) / 10), 10 * k))
    start = [X[i] for i in rng.choice(len(X), size=k, replace=False)]
    rules = {"max_iter": 300, "tol": 0, "empty": "relocate"}
    draws = [rng.choice(len(X), size=size, replace=False) for _ in range(samples)]
    found = [kmeans([X[i] for i in drawn], start, **rules).end.centers for drawn in draws]
    union = [center for centers in found for center in centers]
    ends = [kmeans(union, centers, **rules).end for centers in found]
    return min(ends, key=lambda end: end.inertia).centers


def rounded(centers):
    """Centers as float64 holds them."""
    return [tuple(map(float64, center)) for center in centers]


# By their points alone: distances between points of a lattice are whole, and so are their sums.
AMONG_POINTS = {
    "first": first,
    "random-partition": random_partition,
    "k-means++": kmeans_plusplus,
    "greedy-k-means++": greedy_kmeans_plusplus,
    "maximin": maximin,
    "kkz": kkz,
    "k-means||": kmeans_parallel,
    "afk-mc2": afk_mc2,
    "ls++": ls_plusplus,
}
# By distances from means too, which are whole where every number of points divides the lattice.
AMONG_MEANS = {"luxburg": luxburg, "var-part": var_part, "bradley-fayyad": bradley_fayyad}
