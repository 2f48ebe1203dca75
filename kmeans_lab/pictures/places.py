"""Where points, marks and names stand in a picture, and how much of their plane is seen."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from .axes import Floats, mark, set_ticks
from .canvas import SMALL, style
from .palette import SOFT
from .plane import DRAWN, GOLDEN, MANY, PAD, Extent, fitted, plane

ASPECT = 1.45  # of the Axes of a picture, about
FINE = 80  # places along a side, that are told apart where there are many


def places_of(ax: Axes, X: Floats, columns: Sequence[str]) -> tuple[Floats, int]:
    """Where the points are drawn (m, 2), of many every stride-th, and the stride; names the sides.

    Points of one feature lie in a line, more than two features in their principal plane.
    """
    view = plane(X, columns)
    style(ax, *view.axes)
    stride = -(-len(X) // DRAWN) if len(X) >= MANY else 1
    places = view.project(X[::stride])[0]
    if X.shape[1] == 1:  # height only keeps the points apart
        places[:, 1] = (np.arange(len(places)) * GOLDEN) % 1 * np.ptp(places[:, 0]) / 5
    return places, stride


def mark_places(ax: Axes, places: Floats, features: int) -> None:
    """Limits and ticks around points drawn by `places_of`."""
    one_scale(ax, places)
    mark(ax, "x")
    if features == 1:
        set_ticks(ax, "y", [], [])
        ax.set_ylabel("height means nothing", color=SOFT, size=SMALL)
    else:
        mark(ax, "y")


def one_scale(ax: Axes, places: Floats) -> None:
    """Limits around `places` (m, 2); one scale on both sides unless the ranges differ too much."""
    wide = limits_of(places)
    ax.set(xlim=wide[:2], ylim=wide[2:])
    if wide != _around(places):
        ax.set_aspect("equal", adjustable="box", anchor="W")


def limits_of(places: Floats) -> Extent:
    """What is seen around `places` (m, 2)."""
    return fitted(_around(places), ASPECT)


def _around(places: Floats) -> Extent:
    low, high = places.min(axis=0), places.max(axis=0)
    span = high - low
    span = np.where(span > 0, span, np.maximum(np.abs(low) / 100, span.max() or 1.0))
    (x_min, y_min), (x_max, y_max) = (low - PAD * span).tolist(), (high + PAD * span).tolist()
    return x_min, x_max, y_min, y_max


def merged(places: Floats, fine: int = FINE) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One of the places (2, m) for all that lie as good as on each other, and how many do.

    fine: so many places are told apart along each side.
    """
    low, span = places.min(axis=1, keepdims=True), np.ptp(places, axis=1)[:, None]
    cells = np.floor((places - low) / np.where(span > 0, span, 1.0) * fine)
    _, which, counts = np.unique(cells, axis=1, return_index=True, return_counts=True)
    return which, counts


def spread(places: Sequence[float], apart: float, high: float) -> list[float]:
    """Rising places moved as little as it takes to stand so far apart, none above `high`.

    >>> spread([0.0, 0.0, 5.0, 5.0], 1.0, 5.0)
    [0.0, 1.0, 4.0, 5.0]
    """
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + apart) if moved else place)
    for i, place in reversed([*enumerate(moved)]):
        moved[i] = min(place, high if i == len(moved) - 1 else moved[i + 1] - apart)
    return moved
