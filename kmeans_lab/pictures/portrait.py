"""The basin portrait as data: where k-means ends from each place of a first center, and its colors.

Optima go by their numbers from 1, the best first; what is none of the study's has a number below.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..wording import apart, count, number
from .scene import Extent
from .tones import MUTED, NEUTRAL, NOVEL, RECORD, Tone, color, ramp, shaded

__all__ = ["BETTER", "CUT_OFF", "NEW", "OTHERS", "Entry", "PortraitInfo"]

NEW, BETTER, CUT_OFF, OTHERS = 0, -1, -2, -3
LATTER: dict[int, Tone] = {OTHERS: MUTED, NEW: NOVEL, BETTER: RECORD, CUT_OFF: NEUTRAL}
NAMED = 8  # optima that have a color and a line of their own
SEEN = 0.002  # share of the plane from which on an optimum is seen

Numbers = NDArray[np.int32]


class PortraitInfo(NamedTuple):
    """Where starts end by where one first center is put (with one feature: two of them)."""

    optimum: Numbers  # (rows, cols), row 0 at y_min: from 1; NEW, BETTER (than best), CUT_OFF
    steps: Numbers  # (rows, cols), made
    inertia: Mapping[int, float]  # of the optima in `optimum`; the lowest of NEW and of BETTER
    stopped: Mapping[str, int]  # status: starts that did not converge
    extent: Extent  # of the places of the outermost cells
    axes: tuple[str, str]
    flat: bool  # one feature: the points lie along both sides
    points: NDArray[np.float64]  # (m, 2)
    centers: NDArray[np.float64]  # (k, 2), the first ones of the start itself
    swept: Sequence[int]  # those of them that are moved, from 0
    place: NDArray[np.float64]  # (2,), where those are in the start itself
    best: float  # best known inertia; NaN for none
    title: str = ""
    notes: Sequence[str] = ()
    names: Mapping[int, str] | None = None  # of the numbers in the legend; None: `names_of`
    path: NDArray[np.float64] | None = None  # (N, 2), the way of a center that goes round, closed
    moving: int | None = None  # that center, from 0
    pace: NDArray[np.float64] | None = None  # (most steps + 1,), shades; None: `pace(steps)`


class Entry(NamedTuple):
    """A line of the legend."""

    number: int
    text: str
    share: float  # of the cells
    color: str


def listed(optimum: Numbers) -> list[int]:
    """The numbers that a legend names, in its order.

    Of the optima that are seen up to NAMED: the best that occurs, and those of the largest basins.
    The others share one line, as all that is no optimum of the study does.
    """
    numbers, cells = np.unique(optimum[optimum > 0], return_counts=True)
    cells[:1] = optimum.size
    largest = np.argsort(-cells, kind="stable")[:NAMED]
    own = sorted(numbers[[i for i in largest if cells[i] >= SEEN * optimum.size]].tolist())
    there = {*np.unique(optimum).tolist()} | ({OTHERS} if len(own) < len(numbers) else set())
    return [*own, *(latter for latter in LATTER if latter in there)]


def pace(steps: Numbers) -> NDArray[np.float64]:
    """A shade from 0 to 1 for each number of steps: the share of starts that made fewer."""
    cells = np.bincount(steps.ravel())
    return (np.cumsum(cells) - cells / 2) / steps.size


def image(info: PortraitInfo) -> NDArray[np.uint8]:
    """Colors (rows, cols, 3) of the cells: that of the optimum, darker the more steps it took."""
    tones = _tones(info)
    numbers, where = np.unique(info.optimum, return_inverse=True)
    chosen = np.array([tones.get(number, MUTED) for number in numbers.tolist()])
    shades = pace(info.steps) if info.pace is None else info.pace
    return shaded(chosen[where].reshape(*info.optimum.shape, 3), shades[info.steps])


def legend_of(info: PortraitInfo) -> list[Entry]:
    """What each color means, and its share of the plane."""
    names, tones = info.names or names_of(info), _tones(info)
    cells = {n: int((info.optimum == n).sum()) for n in names}
    if OTHERS in cells:
        cells[OTHERS] = info.optimum.size - sum(cells.values())
    return [Entry(n, names[n], cells[n] / info.optimum.size, color(tones[n])) for n in names]


def names_of(info: PortraitInfo) -> dict[int, str]:
    """What the legend calls the numbers that it names, in its order."""
    shown = listed(info.optimum)
    own = [n for n in shown if n > 0]
    values = apart([info.inertia[n] for n in own], most=6)
    texts = {n: f"optimum {n}: {value}" for n, value in zip(own, values, strict=True)}
    others = len(np.unique(info.optimum[info.optimum > 0])) - len(own)
    stopped = ", ".join(f"{status} {count(times)}" for status, times in info.stopped.items())
    texts |= {
        OTHERS: f"{count(others)} other{'s' * (others != 1)}",
        NEW: f"new to the study: from {_lowest(info, NEW)}",
        BETTER: f"new and better than any: {_lowest(info, BETTER)}",
        CUT_OFF: f"not converged{': ' * bool(stopped)}{stopped}",
    }
    return {n: texts[n] for n in shown}


def _lowest(info: PortraitInfo, of: int) -> str:
    return number(info.inertia.get(of, float("nan")), 6)


def _tones(info: PortraitInfo) -> dict[int, Tone]:
    """The tone of each number that the legend names."""
    shown = listed(info.optimum) if info.names is None else [*info.names]
    own = [number for number in shown if number > 0]
    return dict(zip(own, ramp(len(own)), strict=True)) | {n: LATTER[n] for n in shown if n <= 0}
