"""A slow, plain twin for every kernel, of the same name: NumPy and math.fsum, nothing clever."""

import math

import numpy as np


def squared(X, centers):
    """Squared distances (n, k), summed left to right over the features."""
    total = np.zeros((len(X), len(centers)))
    for j in range(X.shape[1]):
        difference = X[:, j, None] - centers[None, :, j]
        total += difference * difference
    return total


def assign(X, centers):
    """Nearest center, the lowest index on a tie, and the squared distance to it."""
    distances = squared(X, centers)
    labels = distances.argmin(axis=1)
    return labels, distances[np.arange(len(X)), labels]


def relocate(labels, distances, k):
    """Empty clusters in order take the farthest point of a cluster of two or more."""
    labels = labels.copy()
    relocated = 0
    for c in range(k):
        if c not in labels:
            sizes = np.bincount(labels, minlength=k)
            eligible = [i for i in range(len(labels)) if sizes[labels[i]] >= 2]
            labels[max(eligible, key=lambda i: (distances[i], -i))] = c
            relocated += 1
    return labels, relocated


def update(X, labels, centers):
    """Mean of the members, their exact sum rounded once; an empty cluster keeps its center."""
    moved = centers.copy()
    for c in range(len(centers)):
        members = X[labels == c]
        for j in range(X.shape[1] if len(members) else 0):
            moved[c, j] = math.fsum(members[:, j].tolist()) / len(members)
    return moved


def silhouette_samples(X, labels):
    """Silhouette of each point by the definition; 0 for a point alone in its cluster."""
    scores = []
    for i in range(len(X)):
        away = [math.dist(X[i], x) for x in X]
        mean = {
            c: math.fsum(a for a, own in zip(away, labels, strict=True) if own == c)
            / max((labels == c).sum() - (c == labels[i]), 1)
            for c in set(labels.tolist())
        }
        a = mean.pop(labels[i])
        b = min(mean.values())
        alone = (labels == labels[i]).sum() == 1
        scores.append(0.0 if alone or max(a, b) == 0 else (b - a) / max(a, b))
    return np.array(scores)


def silhouette(X, labels):
    """Mean of the samples; NaN with fewer than two clusters or every point alone."""
    filled = len(set(labels.tolist()))
    if filled < 2 or filled == len(X):
        return math.nan
    return math.fsum(silhouette_samples(X, labels)) / len(X)


def mean_variance(X):
    """Mean over the features of the variance, the unit of tol."""
    variances = []
    for column in X.T:
        mean = math.fsum(column) / len(column)
        variances.append(math.fsum((x - mean) ** 2 for x in column) / len(column))
    return math.fsum(variances) / len(variances)


def lloyd(X, centers, *, max_iter=300, tol=0.0, empty="relocate"):
    """One whole start: its steps, how it stopped, and its outcome."""
    k = len(centers)
    limit = tol * mean_variance(X) if tol > 0 else -1.0
    steps, seen, status, relocations = [], [], "max_iter", 0
    previous = np.full(len(X), -1)
    for _ in range(max_iter):
        labels, distances = assign(X, centers)
        initial = labels
        relocated = 0
        if empty == "relocate":
            labels, relocated = relocate(initial, distances, k)
        relocations += relocated
        moved = int((labels != previous).sum())
        steps.append(
            {
                "centers": centers,
                "labels": labels,
                "inertia": math.fsum(distances.tolist()),
                "moved": moved,
            }
        )
        if empty == "fail" and len(set(labels.tolist())) < k:
            return {"status": "empty_cluster", "steps": steps, "relocations": relocations}
        if moved == 0 and relocated == 0:
            status = "converged"
            break
        after = update(X, labels, centers)
        shift = 0.0
        for before_value, after_value in zip(centers.ravel(), after.ravel(), strict=True):
            shift += (after_value - before_value) * (after_value - before_value)
        centers, previous = after, labels
        if any((labels == a).all() and (centers == b).all() for a, b in seen):
            status = "cycle"
            break
        seen.append((labels, centers))
        if shift <= limit:
            status = "tol"
            break
    labels, distances = assign(X, centers)
    return {
        "status": status,
        "steps": steps,
        "relocations": relocations,
        "centers": centers,
        "labels": labels,
        "inertia": math.fsum(distances.tolist()),
    }


def choices(seeds, n, k):
    """NumPy's own choice of k of n for every seed."""
    return np.array([np.random.default_rng(s).choice(n, size=k, replace=False) for s in seeds])


def label_grid(centers, extent, resolution, offsets=0.0):
    """Nearest center of every point of the grid, all distances at once."""
    rows, cols = resolution
    x, y = np.linspace(*extent[:2], cols), np.linspace(*extent[2:], rows)
    points = np.array([(a, b) for b in y for a in x])
    return (squared(points, centers) + offsets).argmin(axis=1).reshape(rows, cols)


def rename(labels):
    """Each row's clusters by first appearance."""
    return np.array([[[*dict.fromkeys(row)].index(c) for c in row] for row in labels.tolist()])


def partition_inertia(X, labels, k):
    """Inertia of a partition about the means of its clusters."""
    parts = [X[labels == c] for c in range(k)]
    return math.fsum(
        x for part in parts if len(part) for x in ((part - part.mean(axis=0)) ** 2).ravel()
    )


def transfer(X, labels, k, moving=True, margin=1e-9):
    """Each point in turn to where the partition's inertia is lowest; the labels, how many could."""
    labels, found = labels.copy(), 0
    for i in range(len(X)):
        if (labels == labels[i]).sum() < 2:
            continue
        without = labels.copy()
        without[i] = -1
        base = partition_inertia(X, without, k)
        costs = []
        for c in range(k):
            without[i] = c
            costs.append(partition_inertia(X, without, k) - base)
        own, target = labels[i], int(np.argmin(costs))
        if target != own and costs[target] < costs[own] * (1 - margin):
            found += 1
            labels[i] = target if moving else own
    return labels, found
