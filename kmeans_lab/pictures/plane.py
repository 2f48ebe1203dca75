"""The plane in which points of any number of features are drawn, and how much of it is seen.

Two features are shown as they are, one on a line, more on the plane of the first two principal
components.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Extent = tuple[float, float, float, float]  # x_min, x_max, y_min, y_max

MANY, DRAWN = 20_000, 10_000  # from MANY points on every m-th is drawn, so that DRAWN are left
PAD = 0.06  # free room around the points, of their range
PART = 1 << 16  # points that are looked at at a time
GOLDEN = 0.6180339887498949  # multiples of it, modulo 1, are spread evenly
RATIO = 3.0  # of the ranges of two axes up to which they have one scale


class Plane(NamedTuple):
    """A plane in the space of the features: where its origin is and its two directions."""

    mean: Floats  # (d,)
    directions: Floats  # (d, 2)
    axes: tuple[str, str]
    notes: tuple[str, ...]

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Places (…, 2) in the plane of points (…, d), and squared distances (…,) to it."""
        if points.ndim == 2 and len(points) > PART:
            parts = [self.project(points[i : i + PART]) for i in range(0, len(points), PART)]
            there, away = zip(*parts, strict=True)
            return np.concatenate(there), np.concatenate(away)
        centered = points - self.mean
        places = centered @ self.directions
        return places, ((centered - places @ self.directions.T) ** 2).sum(-1)


def plane(X: Floats, columns: Sequence[str] = ()) -> Plane:
    """The plane in which `X` (n, d) is drawn."""
    d, names = X.shape[1], named(X, columns)
    if d <= 2:
        notes = () if d == 2 else ("One feature: height only keeps the points apart.",)
        return Plane(np.zeros(d), np.eye(d, 2), (names[0], names[1] if d == 2 else ""), notes)
    mean = X.mean(axis=0)
    directions, shares = _principal(X, mean)
    first, second = (f"principal component {i + 1} ({shares[i]:.0%})" for i in range(2))
    note = (
        f"Plane of the first two principal components of {d} features, "
        f"{shares.sum():.0%} of the variance; background: the nearest center of each of its points."
    )
    return Plane(mean, directions, (first, second), (note,))


def named(X: Floats, columns: Sequence[str]) -> list[str]:
    """Names of the features of `X` (n, d): the columns, or numbers where those do not fit."""
    d = X.shape[1]
    return [*columns] if len(columns) == d else [f"feature {j + 1}" for j in range(d)]


def _principal(X: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """Directions (d, 2) of most variance and their shares of it; the largest entry positive."""
    parts = [X[start : start + PART] for start in range(0, len(X), PART)]
    # Squares of huge and tiny values stay finite.
    unit = max(np.abs(part - mean).max() for part in parts) or 1.0
    scaled = ((part - mean) / unit for part in parts)
    values, vectors = np.linalg.eigh(np.add.reduce([part.T @ part for part in scaled]))
    directions = vectors[:, :-3:-1]
    largest = np.abs(directions).argmax(axis=0)
    shares = np.maximum(values[:-3:-1], 0) / (np.maximum(values, 0).sum() or 1.0)
    return directions * np.where(directions[largest, [0, 1]] < 0, -1, 1), shares


def extent_of(points: Floats, centers: Floats) -> tuple[Extent, bool]:
    """What is seen of the plane: all points, and centers unless they are far out."""
    low, high = points.min(axis=0), points.max(axis=0)
    span = high - low
    span = np.where(span > 0, span, np.maximum(np.abs(low) / 100, span.max() or 1.0))
    placed = centers[np.isfinite(centers).all(axis=-1)].reshape(-1, 2)
    near = placed.clip(low - span, high + span)
    low, high = np.vstack([low, near]).min(axis=0), np.vstack([high, near]).max(axis=0)
    (x_min, y_min), (x_max, y_max) = (low - PAD * span).tolist(), (high + PAD * span).tolist()
    return (x_min, x_max, y_min, y_max), bool((near != placed).any())


def strip(m: int, extent: Extent) -> tuple[Floats, Extent]:
    """Heights that keep m points of one feature apart, the same each time, around the centers."""
    width = extent[1] - extent[0]
    heights = ((np.arange(m) * GOLDEN) % 1 - 0.5) * width / 5
    return heights, (extent[0], extent[1], -width / 5, width / 5)


def fitted(extent: Extent, aspect: float) -> Extent:
    """`extent` widened to `aspect` (width by height), so that both axes have one scale.

    Ranges too different for that keep a scale each.
    """
    width, height = extent[1] - extent[0], extent[3] - extent[2]
    more = aspect * height / width
    if not 1 / RATIO <= more <= RATIO:
        return extent
    wide, high = max(more - 1, 0) * width / 2, max(1 / more - 1, 0) * height / 2
    return extent[0] - wide, extent[1] + wide, extent[2] - high, extent[3] + high
