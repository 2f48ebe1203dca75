"""k-means on so many points that nothing is kept of them but the points themselves.

The same laws as in lloyd.py, to the same bits, piece by piece: a piece's nearest centers, and the
sums of its points that moved, are a thread's work, and sums of whole numbers do not depend on who
added what.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .carry import carry_point
from .crowd import Crowd, Each, hands
from .estimate import Estimate
from .exact import fsum
from .groups import UNASSIGNED
from .leads import assign_piece, follow_centers, measure_piece
from .lloyd import CONVERGED, CYCLE, EMPTY_CLUSTER, MAX_ITER, TOL
from .pieces import add_words, key_of_words, move_centers
from .single import workspace
from .step import FAIL, RELOCATE


class Rules(NamedTuple):
    """What a start obeys and what it leaves."""

    max_iter: int
    limit: float  # total squared shift of the centers that ends a start; -1 for never
    empty: int
    steps: bool


class Step(NamedTuple):
    """What a step leaves."""

    centers: NDArray[np.float64]  # (k, d), those the assign used
    inertia: float
    moved: int
    silhouette: tuple[float, float]  # mean, standard error
    labels: NDArray[np.uint16]  # (n,), after relocation


class End(NamedTuple):
    """Where a start ended."""

    inertia: float
    silhouette: tuple[float, float]  # mean, standard error
    centers: NDArray[np.float64]  # (k, d)
    labels: NDArray[np.uint16]  # (n,)
    key: tuple[int, int]  # of the partition


def room(points: Crowd, k: int) -> tuple[NDArray[np.generic], ...]:
    """What a thread keeps for a start with k centers."""
    with hands(len(points.X), 1) as each:
        start = Start(points, points.X[:k], Rules(1, -1.0, RELOCATE, False), each)
    kept = start.labels, start.nearest, start.distances, start.leads, start.sums
    return (*kept, *((start.estimate.labels, start.estimate.sums) if start.estimate else ()))


class Start:
    """One start under way: an iterator over its steps, then where it ended."""

    def __init__(self, points: Crowd, first: NDArray[np.float64], rules: Rules, each: Each) -> None:
        (n, d), k = points.X.shape, len(first)
        self.points, self.rules, self.each = points, rules, each
        self.centers = first.copy()
        self.labels, self.nearest = np.full((2, n), UNASSIGNED, np.uint16)
        self.distances = np.empty(n)  # squared, to the nearest center
        self.leads = np.full(n, -1, np.float32)  # of the nearest center over all others
        self.work = workspace(0, d, k)
        self.counts = np.zeros(k, np.int64)
        self.sums = np.zeros((k, points.grid.limbs * d), np.int64)
        self.estimate = points.drawn and Estimate(points.X, points.drawn, k, each)
        self.status, self.n_iter, self.relocations = MAX_ITER, 0, 0

    def steps(self) -> Iterator[Step]:
        """The steps to the end; `labels` of each are overwritten by the next but one."""
        score, seen = (np.nan, np.nan), set[bytes]()
        while self.n_iter < self.rules.max_iter:
            used, self.n_iter = self.centers.copy(), self.n_iter + 1
            self._assign()
            filling = self.rules.empty == RELOCATE and not self.counts.all()
            if self.rules.steps or self.n_iter == 1 or filling:
                self._measure()
            inertia = fsum(self.distances) if self.rules.steps or self.n_iter == 1 else np.nan
            relocated = self._relocate() if filling else 0
            moved, self.relocations = self._take(), self.relocations + relocated
            if self.rules.steps and moved:
                score = self._score()
            yield Step(used, inertia, moved, score, self.labels)
            if self.rules.empty == FAIL and not self.counts.all():
                self.status = EMPTY_CLUSTER
            elif moved == relocated == 0:
                self.status = CONVERGED
            elif self._update(seen):
                continue
            return

    def end(self) -> End:
        """The outcome: labels nearest the last centers, their inertia and silhouette."""
        if self.status != CONVERGED:
            self._assign()
            self._take()
        self._measure(self.labels)
        found = fsum(self.distances), self._score()
        return End(*found, self.centers, self.labels, self._key())

    def _assign(self) -> None:
        """Nearest centers; counts and sums follow."""
        follow_centers(self.points.fast, self.work, self.centers)
        for counts, sums in self.each(self._assign_piece):
            self.counts += counts
            self.sums += sums

    def _assign_piece(self, piece: slice) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        counts, sums = np.zeros_like(self.counts), np.zeros_like(self.sums)
        how = self.points.fast, self.work, self.centers, self.points.grid.exponents
        labels, nearest, leads = self.labels[piece], self.nearest[piece], self.leads[piece]
        assign_piece(self.points.X[piece], *how, labels, nearest, leads, counts, sums)
        return counts, sums

    def _measure(self, labels: NDArray[np.uint16] | None = None) -> None:
        """Distances to the nearest centers, or to those of `labels`."""
        own = self.nearest if labels is None else labels
        X, centers, distances = self.points.X, self.centers, self.distances
        list(self.each(lambda p: measure_piece(X[p], centers, own[p], distances[p])))

    def _relocate(self) -> int:
        """Each empty cluster, in order, takes the farthest point; gives their number."""
        empty = np.flatnonzero(self.counts == 0)
        for c in empty:
            _, i = max(self.each(self._farthest), key=lambda found: (found[0], -found[1]))
            point, exponents = self.points.X[i : i + 1], self.points.grid.exponents
            carry_point(point, exponents, int(self.nearest[i]), int(c), self.counts, self.sums)
            self.nearest[i], self.leads[i] = c, -1
        return len(empty)

    def _farthest(self, piece: slice) -> tuple[float, int]:
        """The first of a piece's points farthest from their centers, of clusters of several."""
        movable = self.counts[self.nearest[piece]] >= 2
        away = np.where(movable, self.distances[piece], -1.0)
        i = int(away.argmax())
        return float(away[i]), piece.start + i

    def _take(self) -> int:
        """Let the nearest centers be the labels; gives how many changed."""
        moved = int(np.count_nonzero(self.labels != self.nearest))
        self.labels, self.nearest = self.nearest, self.labels
        return moved

    def _score(self) -> tuple[float, float]:
        return self.estimate.of(self.labels, self.counts) if self.estimate else (np.nan, np.nan)

    def _update(self, seen: set[bytes]) -> bool:
        """Move the centers; gives whether the start goes on."""
        made, limit = self.points.grid, self.rules.limit
        total = move_centers(
            self.sums, self.counts, made.exponents, self.points.units, self.centers
        )
        digests = self.each(lambda p: blake2b(self.labels[p].data).digest())  # on threads
        here = blake2b(b"".join([self.centers.tobytes(), *digests])).digest()
        if here in seen:
            self.status = CYCLE
        elif limit >= 0 and total <= limit:
            self.status = TOL
        seen.add(here)
        return self.status == MAX_ITER

    def _key(self) -> tuple[int, int]:
        first, second = key_of_words(np.add.reduce([*self.each(self._words)]))
        return int(first), int(second)

    def _words(self, piece: slice) -> NDArray[np.uint64]:
        sums = np.zeros((len(self.counts), 2), np.uint64)
        add_words(self.labels[piece], piece.start, sums)
        return sums
