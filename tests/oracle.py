"""k-means in exact fractions, as plain as the contract says it, which knows where float64 cannot.

Every decision is made twice: by the exact distances from exact centers, and by the distances that
the contract rounds. Where they differ the exact ones are proven to be closer to each other than
rounding can tell apart: a rounding tie. It is counted, and the contract's choice is followed.
"""

from fractions import Fraction
from typing import NamedTuple

UNIT = Fraction(1, 2**53)  # a rounding's largest relative error
NEAR, FAR, SHIFT = "equally near", "equally far", "a shift as long as the limit"


class Step(NamedTuple):
    """An assign and what was relocated after it."""

    centers: list  # k tuples, rounded
    labels: list
    moved: int
    inertia: float  # of the rounded terms, rounded once
    exact: Fraction  # of exact distances from exact centers


class Start(NamedTuple):
    """A whole start; `ties` says by which rules the decisions were undecidable."""

    status: str
    steps: list
    relocations: int
    end: Step | None
    ties: list


def fractions(rows):
    """Rows of floats as tuples of fractions."""
    return [tuple(Fraction(float(value)) for value in row) for row in rows]


def float64(value):
    """A fraction rounded to the nearest float64: Python divides integers so."""
    return Fraction(float(value))


def as_is(value):
    """A fraction that is not rounded."""
    return value


def distance(x, c, rounded=as_is):
    """Squared distance, summed left to right, every operation rounded."""
    total = Fraction(0)
    for a, b in zip(x, c, strict=True):
        difference = rounded(a - b)
        total = rounded(total + rounded(difference * difference))
    return total


class Arithmetic:
    """The points, and how far rounding can lead a distance from them astray."""

    def __init__(self, X):
        self.X, self.ties, self.known = X, [], {}

    def away(self, i, center):
        """Exact and rounded squared distance of point i to an exact center, and its error."""
        key = self.X[i], center
        if key not in self.known:
            reach, d = max(1, *map(abs, (*self.X[i], *center))), len(center)
            lost = UNIT * (20 * d + 4 * d * d) * reach * reach
            rounded = distance(self.X[i], tuple(map(float64, center)), float64)
            self.known[key] = distance(*key), rounded, lost
        return self.known[key]

    def choose(self, rule, values, best):
        """Place of the first best of (exact, rounded, error); a disagreement is proven a tie."""
        places = range(len(values))
        ideal = best(places, key=lambda p: values[p][0])
        chosen = best(places, key=lambda p: values[p][1])
        if chosen != ideal:
            (one, _, error), (other, _, more) = values[ideal], values[chosen]
            assert abs(one - other) <= error + more, "float64 chose what is provably not the best"
            self.ties.append(rule)
        return chosen


def assign(sums, centers):
    """The nearest center of every point, the lowest index on a tie, and how far it is."""
    table = [[sums.away(i, center) for center in centers] for i in range(len(sums.X))]
    labels = [sums.choose(NEAR, row, min) for row in table]
    return labels, [row[label] for row, label in zip(table, labels, strict=True)]


def relocate(sums, labels, away, k):
    """Empty clusters in order take the farthest point of a cluster of two or more."""
    labels, relocated = list(labels), 0
    for c in range(k):
        if c not in labels:
            some = [i for i, label in enumerate(labels) if labels.count(label) > 1]
            labels[some[sums.choose(FAR, [away[i] for i in some], max)]] = c
            relocated += 1
    return labels, relocated


def update(X, labels, centers):
    """Exact means; an empty cluster keeps its center."""
    after = []
    for c, center in enumerate(centers):
        members = [x for x, label in zip(X, labels, strict=True) if label == c]
        mean = tuple(sum(column) / len(members) for column in zip(*members, strict=True))
        after.append(mean or center)
    return after


def mean_variance(X):
    """Mean over the features of the variance."""
    columns = list(zip(*X, strict=True))
    means = [sum(column) / len(X) for column in columns]
    pairs = zip(columns, means, strict=True)
    return sum(sum((x - m) ** 2 for x in column) / len(X) for column, m in pairs) / len(columns)


def step(centers, labels, away, previous):
    """What is recorded of a step."""
    moved = sum(a != b for a, b in zip(labels, previous, strict=True))
    held = [tuple(map(float64, center)) for center in centers]
    total = float(sum(rounded for _, rounded, _ in away))
    return Step(held, labels, moved, total, sum(exact for exact, _, _ in away))


def kmeans(X, centers, *, max_iter, tol, empty):
    """A start from first centers, as the laws of one start have it. X, centers: see fractions."""
    sums, steps, seen, relocations, k = Arithmetic(X), [], [], 0, len(centers)
    limit, previous, status = Fraction(tol) * mean_variance(X), [-1] * len(X), "max_iter"
    for _ in range(max_iter):
        labels, away = assign(sums, centers)
        relocated = 0
        if empty == "relocate":
            labels, relocated = relocate(sums, labels, away, k)
        relocations += relocated
        steps.append(step(centers, labels, away, previous))
        if empty == "fail" and len(set(labels)) < k:
            return Start("empty_cluster", steps, relocations, None, sums.ties)
        if steps[-1].moved == 0 and relocated == 0:
            status = "converged"
            break
        before, centers, previous = centers, update(X, labels, centers), labels
        kept = [center for c, center in enumerate(centers) if c not in labels]
        if (labels, kept) in seen:
            status = "cycle"
            break
        seen.append((labels, kept))
        if tol > 0 and ended(sums, before, centers, limit):
            status = "tol"
            break
    labels, away = assign(sums, centers)
    return Start(status, steps, relocations, step(centers, labels, away, labels), sums.ties)


def ended(sums, before, after, limit):
    """Whether the total squared shift is at most the limit; so close to it nobody can say."""
    shift = sum(distance(a, b) for a, b in zip(before, after, strict=True))
    if limit > 0 and abs(shift - limit) < limit * 2**20 * UNIT:
        sums.ties.append(SHIFT)
    return shift <= limit
