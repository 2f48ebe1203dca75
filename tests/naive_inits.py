"""A slow, plain twin for every initializer, of its name: (X, k, rng) to centers and their cost.

The cost is counted where a distance from a point to a center is asked for.
"""

import math

import numpy as np

from naive import assign, lloyd, squared, update


class Counted:
    """Squared distances, and how many were asked for."""

    def __init__(self):
        self.spent = 0

    def __call__(self, X, centers):
        self.spent += len(X) * len(centers)
        return squared(X, centers)

    def of_one(self, X, center):
        return self(X, center[None])[:, 0]


def draw(weights, u):
    """The first place at which the running sum exceeds u times its end."""
    reached = np.cumsum(weights)
    if reached[-1] == 0:
        return int(u * len(weights))
    places = range(len(weights))
    return next(i for i in places if reached[i] > u * reached[-1] or reached[i] == reached[-1])


def random(X, k, rng):
    """Points drawn without replacement: the line that the README promises."""
    return X[rng.choice(len(X), size=k, replace=False)], 0


def random_partition(X, k, rng):
    """Means of random clusters; a random point where a cluster has none."""
    labels = rng.integers(k, size=len(X))
    centers = update(X, labels, np.zeros((k, X.shape[1])))
    for c in range(k):
        if c not in labels:
            centers[c] = X[rng.integers(len(X))]
    return centers, 0


def uniform_box(X, k, rng):
    """Every coordinate anywhere between the smallest and the largest."""
    centers = np.zeros((k, X.shape[1]))
    for c in range(k):
        for j in range(X.shape[1]):
            low, high = X[:, j].min(), X[:, j].max()
            centers[c, j] = low + rng.random() * (high - low)
    return centers, 0


def first(X, k, rng):
    """The first rows."""
    return X[:k].copy(), 0


def kmeans_plusplus(X, k, rng, candidates=1):
    """Points drawn by squared distance, of each row of candidates the one that helps most."""
    away, chosen = Counted(), [rng.integers(len(X))]
    numbers = rng.random((k - 1, candidates))
    if k > 1:
        closest = away.of_one(X, X[chosen[0]])
    for row in numbers:
        drawn = [draw(closest, u) for u in row]
        if candidates == 1 and len(chosen) == k - 1:
            chosen += drawn
            break
        trials = [np.minimum(closest, away.of_one(X, X[i])) for i in drawn]
        left = [np.cumsum(trial)[-1] for trial in trials]
        best = left.index(min(left))
        chosen.append(drawn[best])
        closest = trials[best]
    return X[chosen], away.spent


def greedy_kmeans_plusplus(X, k, rng):
    """k-means++ with 2 + floor(ln k) candidates for each center."""
    return kmeans_plusplus(X, k, rng, 2 + math.floor(math.log(k)))


def maximin(X, k, rng):
    """A random point, then always the farthest one."""
    return farthest(X, k, rng.integers(len(X)))


def kkz(X, k, rng):
    """The point farthest from the origin, then always the farthest one."""
    norms = squared(X, np.zeros((1, X.shape[1])))[:, 0].tolist()
    return farthest(X, k, norms.index(max(norms)))


def farthest(X, k, start):
    away, chosen, closest = Counted(), [start], np.full(len(X), np.inf)
    while len(chosen) < k:
        closest = np.minimum(closest, away.of_one(X, X[chosen[-1]]))
        chosen.append(closest.tolist().index(max(closest)))
    return X[chosen], away.spent


def kmeans_parallel(X, k, rng):
    """Rounds of points drawn by squared distance, then weighted k-means++ among them."""
    away, chosen, labels = Counted(), [], np.zeros(len(X), int)
    closest = np.full(len(X), np.inf)

    def add(new):
        for i in new:
            distances = away.of_one(X, X[i])
            for p in range(len(X)):
                if distances[p] < closest[p]:
                    closest[p], labels[p] = distances[p], len(chosen)
            chosen.append(i)

    add([rng.integers(len(X))])
    for _ in range(5):
        total = np.cumsum(closest)[-1]
        add([i for i, u in enumerate(rng.random(len(X))) if u * total < 2 * k * closest[i]])
    while len(set(labels.tolist())) < k and max(closest) > 0:
        add([draw(closest, rng.random())])
    weights = np.array([(labels == c).sum() for c in range(len(chosen))], float)
    pool, numbers = X[chosen], rng.random(k)
    centers, closest = [pool[draw(weights, numbers[0])]], np.full(len(pool), np.inf)
    for u in numbers[1:]:
        closest = np.minimum(closest, away.of_one(pool, centers[-1]))
        centers.append(pool[draw(weights * closest, u)])
    return np.array(centers), away.spent


def afk_mc2(X, k, rng, links=200):
    """Chains of points: to the next one where its chance by squared distance is not too small."""
    away, n, chosen = Counted(), len(X), [rng.integers(len(X))]
    numbers = rng.random((k - 1, links, 2))
    if k > 1:
        share = away.of_one(X, X[chosen[0]])
        total = np.cumsum(share)[-1]
        q = 0.5 * (share / total if total > 0 else share * 0) + 0.5 / n
    for chain in numbers:
        points = [draw(q, u) for u, _ in chain]
        distances = away(X[points], X[chosen]).min(axis=1)
        here = 0
        for link in range(1, links):
            mine, other = q[points[here]], q[points[link]]
            if distances[link] * mine > chain[link, 1] * (distances[here] * other):
                here = link
        chosen.append(points[here])
    return X[chosen], away.spent


def ls_plusplus(X, k, rng, steps=25):
    """k-means++, then points that take the place of a center where that helps."""
    away, chosen = Counted(), [rng.integers(len(X))]
    for u in rng.random(k - 1):
        chosen.append(draw(squared(X, X[chosen]).min(axis=1), u))
    table = away(X, X[chosen])
    for u in rng.random(steps):
        closest = table.min(axis=1)
        point = draw(closest, u)
        new = away.of_one(X, X[point])
        order = np.argsort(table, axis=1, kind="stable")
        kept = np.minimum(closest, new)
        losses = np.zeros(k)
        for i in range(len(X)):
            second = table[i, order[i, 1]] if k > 1 else np.inf
            losses[order[i, 0]] += min(second, new[i]) - kept[i]
        c = losses.tolist().index(min(losses))
        if np.cumsum(kept)[-1] + losses[c] < np.cumsum(closest)[-1]:
            away.spent += (k - 1) * int((order[:, :2] == c).any(axis=1).sum())
            chosen[c], table[:, c] = point, new
    return X[chosen], away.spent


def var_part(X, k, rng):
    """Parts cut at the mean of the feature that varies most."""
    return means_of_parts(
        X, k, lambda deviations, squares: deviations[:, squares.index(max(squares))]
    )


def pca_part(X, k, rng):
    """Parts cut at the mean of the principal axis."""

    def across(deviations, squares):
        d = len(squares)
        matrix = np.array(
            [
                [math.fsum((deviations[:, a] * deviations[:, b]).tolist()) for b in range(d)]
                for a in range(d)
            ]
        )
        power = matrix / np.cumsum([matrix[a, a] for a in range(d)])[-1]
        for _ in range(60):
            square = np.cumsum(power[:, :, None] * power[None, :, :], axis=1)[:, -1, :]
            trace = np.cumsum([square[a, a] for a in range(d)])[-1]
            power = square / trace
            if trace > 1 - 2.0**-30:
                break
        diagonal = [power[a, a] for a in range(d)]
        axis = power[:, diagonal.index(max(diagonal))]
        along = np.zeros(len(deviations))
        for a in range(d):
            along = along + deviations[:, a] * axis[a]
        return along

    return means_of_parts(X, k, across)


def means_of_parts(X, k, across):
    parts, done, spent = [list(range(len(X)))], {}, len(X)
    while len(parts) < k:
        about = [spread(X[part]) for part in parts]
        sse = [0.0 if tuple(p) in done else s[2] for p, s in zip(parts, about, strict=True)]
        if max(sse) == 0:
            break
        worst = sse.index(max(sse))
        _, deviations, _, squares = about[worst]
        along = across(deviations, squares)
        low, high = min(along), max(along)
        above = [a == high or (a > 0 and a > low) for a in along]
        if all(above):
            done[tuple(parts[worst])] = True
            continue
        spent += len(along)
        members = parts[worst]
        parts[worst] = [i for i, up in zip(members, above, strict=True) if not up]
        parts.append([i for i, up in zip(members, above, strict=True) if up])
    means = [spread(X[part])[0] for part in parts]
    return np.array([*means, *X[: k - len(parts)]]), spent


def spread(points):
    """Mean, deviations from it, their sum of squares, and that feature by feature."""
    mean = np.array([math.fsum(column) / len(points) for column in points.T.tolist()])
    deviations = points - mean
    squares = [math.fsum(column) for column in (deviations**2).T.tolist()]
    return mean, deviations, np.cumsum(squares)[-1], squares


def bradley_fayyad(X, k, rng, samples=10, size=None):
    """k-means on samples, k-means on what it found, the best of those."""
    size = size or min(len(X), max(math.ceil(len(X) / 10), 10 * k))
    start = X[rng.choice(len(X), size=k, replace=False)]
    found, spent = [], 0
    for _ in range(samples):
        end = lloyd(X[rng.choice(len(X), size=size, replace=False)], start)
        found.append(end["centers"])
        spent += assigns(end) * size * k
    union = np.concatenate(found)
    ends = [lloyd(union, centers) for centers in found]
    spent += sum(assigns(end) for end in ends) * len(union) * k
    return min(ends, key=lambda end: end["inertia"])["centers"], spent


def assigns(end):
    return len(end["steps"]) + (end["status"] != "converged")


def luxburg(X, k, rng):
    """Too many points, one step, the light clusters dropped, maximin among the others."""
    n, many = len(X), min(len(X), max(k, math.ceil(k * math.log(k))))
    centers = X[rng.choice(n, size=many, replace=False)]
    labels, _ = assign(X, centers)
    centers = update(X, labels, centers)
    counts = [(labels == c).sum() for c in range(many)]
    left = [c for c in range(many) if counts[c] >= n / many]
    if len(left) < k:
        left = sorted(sorted(range(many), key=lambda c: (-counts[c], c))[:k])
    chosen, spent = farthest(centers[left], k, rng.integers(len(left)))
    return chosen, n * many + spent
