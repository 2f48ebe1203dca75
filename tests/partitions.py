"""All partitions of a few points, and their inertias in exact fractions."""

from fractions import Fraction


def partitions_of(n, k):
    """Every partition of n points in k clusters, as labels by first appearance."""

    def grow(labels, used):
        if len(labels) == n:
            if used == k:
                yield labels
            return
        for c in range(min(used + 1, k)):
            yield from grow([*labels, c], max(used, c + 1))

    return list(grow([], 0))


def inertia_of(X, labels):
    """Inertia of a partition of `X` (n, d), exact."""
    total = Fraction(0)
    for c in set(labels):
        mine = [
            [Fraction(float(x)) for x in row]
            for row, own in zip(X, labels, strict=True)
            if own == c
        ]
        for column in zip(*mine, strict=True):
            mean = sum(column) / len(column)
            total += sum((x - mean) ** 2 for x in column)
    return total


def optimum_of(X, k):
    """The lowest inertia of all partitions of `X` in k clusters, exact."""
    return min(inertia_of(X, labels) for labels in partitions_of(len(X), k))
