"""The silhouette of many points, estimated from a sample of them, piece by piece.

The numbers are those of silhouette.py to the bit: there the points lie by feature, twice, and the
sums of distances that are not near are left out; here all sums of the sample are kept.
"""

import numpy as np
from numpy.typing import NDArray

from .crowd import Each, Sample
from .exact import fsum
from .groups import UNASSIGNED
from .pieces import carry_distances, distances_from
from .targets import ROUGH_MEAN


class Estimate:
    """Sums of distances from the sample to the clusters of the partition asked for last."""

    def __init__(self, X: NDArray[np.float64], drawn: Sample, k: int, each: Each) -> None:
        self.X, self.drawn, self.each = X, drawn, each
        self.labels = np.full(len(X), UNASSIGNED, np.uint16)
        self.sums = np.zeros((k, len(drawn.rows)), np.int64)

    def of(self, labels: NDArray[np.uint16], counts: NDArray[np.int64]) -> tuple[float, float]:
        """Mean silhouette of a partition and its standard error; NaN where undefined.

        labels: (n,). counts: (k,), members of each cluster.
        """
        if np.count_nonzero(counts) in (0, 1, len(labels)):
            return np.nan, np.nan
        for change in self.each(lambda piece: self._change(piece, labels)):
            if change is not None:
                self.sums += change
        self.labels[:] = labels
        own, rival = self._means(counts)
        longer = np.maximum(own, rival)
        with np.errstate(invalid="ignore"):  # 0 / 0 is too coarse, and computed anew
            widths = (rival - own) / longer
        for t in np.flatnonzero(longer < ROUGH_MEAN):
            widths[t] = self._anew(self.drawn.rows[t], counts)
        widths[counts[labels[self.drawn.rows]] == 1] = 0.0
        return self._average(widths)

    def _change(self, piece: slice, labels: NDArray[np.uint16]) -> NDArray[np.int64] | None:
        """What the points that moved add to the sums."""
        before, after = self.labels[piece], labels[piece]
        if np.array_equal(before, after):
            return None
        drawn, change = self.drawn, np.zeros_like(self.sums)
        place = drawn.middle, drawn.exponent, drawn.aims, drawn.unit
        carry_distances(self.X[piece], *place, before, after, change)
        return change

    def _means(self, counts: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean distances (m,) to the own cluster's others, and to the nearest other cluster."""
        mine, every = self.labels[self.drawn.rows], np.arange(len(self.drawn.rows))
        means = self.sums * (1.0 / np.maximum(counts, 1))[:, None]
        means[counts == 0] = means[mine, every] = np.inf
        return self.sums[mine, every] * (1.0 / np.maximum(counts[mine] - 1, 1)), means.min(axis=0)

    def _anew(self, row: np.int64, counts: NDArray[np.int64]) -> float:
        """The silhouette of a point whose distances are too small for whole units."""
        X, away = self.X, np.empty(len(self.X))
        list(self.each(lambda piece: distances_from(X[piece], X[row], away[piece])))
        totals = np.array([fsum(away[self.labels == c]) for c in range(len(counts))])
        mine = self.labels[row]
        own = totals[mine] / max(counts[mine] - 1, 1)
        others = (counts > 0) & (np.arange(len(counts)) != mine)
        rival = (totals[others] / counts[others]).min()
        return 0.0 if max(own, rival) == 0.0 else float((rival - own) / max(own, rival))

    def _average(self, widths: NDArray[np.float64]) -> tuple[float, float]:
        """Mean (see widths.average) and standard error, from exact sums."""
        m, n = len(widths), len(self.X)
        unit = 2.0 ** (61 - m.bit_length())
        mean = float((widths * unit).astype(np.int64).sum()) / unit / m
        square = float((widths * widths * unit).astype(np.int64).sum()) / unit / m
        spread = max(square - mean * mean, 0.0) * m / max(m - 1, 1)
        return mean, float(np.sqrt(spread / m * (1.0 - m / n)))
