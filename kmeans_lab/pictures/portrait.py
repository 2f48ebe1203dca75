"""The basin portrait as data: where k-means ends from each place of a first center, and its colors.

Optima go by their numbers from 1, the best first; what is none of the study's has a number below.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..wording import apart, count, number
from .plane import Extent
from .tones import MUTED, NEUTRAL, NOVEL, RECORD, Tone, color, ramp, shaded

__all__ = ["BETTER", "CUT_OFF", "NEW", "OTHERS", "Entry", "PortraitInfo"]

NEW, BETTER, CUT_OFF, OTHERS = 0, -1, -2, -3
LATTER: dict[int, Tone] = {OTHERS: MUTED, NEW: NOVEL, BETTER: RECORD, CUT_OFF: NEUTRAL}
NAMED = 8  # optima that have a color and a line of their own
SPREAD = 0.16  # of lightness, from the lowest inertia to the highest of those that share a tone
SLICES = 24  # of such a tone in the legend
TURN = 50.0  # degrees of hue, likewise, where they fill the plane
SEEN = 0.002  # share of the plane from which on an optimum is seen

Numbers = NDArray[np.int32]


class PortraitInfo(NamedTuple):
    """Where starts end by where one first center is put (with one feature: two of them)."""

    optimum: Numbers  # (rows, cols), row 0 at y_min: from 1; NEW, BETTER (than all), CUT_OFF
    steps: Numbers  # (rows, cols), made
    reached: NDArray[np.float64]  # (rows, cols), inertia; NaN where CUT_OFF
    stopped: Mapping[str, int]  # status: starts that did not converge
    extent: Extent  # of the places of the outermost cells
    axes: tuple[str, str]
    flat: bool  # one feature: the points lie along both sides
    points: NDArray[np.float64]  # (m, 2)
    centers: NDArray[np.float64]  # (k, 2), the first ones of the start itself
    swept: Sequence[int]  # those of them that are moved, from 0
    place: NDArray[np.float64]  # (2,), where those are in the start itself
    best: float  # lowest inertia of the study's starts; NaN for none
    title: str = ""
    notes: Sequence[str] = ()
    names: Mapping[int, str] | None = None  # of the numbers in the legend; None: `names_of`
    path: NDArray[np.float64] | None = None  # (N, 2), the way of a center that goes round, closed
    moving: int | None = None  # that center, from 0
    pace: NDArray[np.float64] | None = None  # (most steps + 1,), shades; None: `pace(steps)`
    tiers: NDArray[np.float64] | None = None  # (t,), inertias of those without; None: `tiers`
    filled: float | None = None  # share of the plane of those without; None: `share_without`


class Entry(NamedTuple):
    """A line of the legend."""

    number: int
    text: str
    share: float  # of the cells
    colors: tuple[str, ...]  # of a tone that optima share some, the lowest inertia first


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


def tiers(info: PortraitInfo) -> NDArray[np.float64]:
    """The different inertias, rising, of the optima that have no color of their own."""
    return np.unique(info.reached[_shared(info)])


def image(info: PortraitInfo) -> NDArray[np.uint8]:
    """Colors (rows, cols, 3) of the cells: that of the optimum, darker the more steps it took.

    Optima that share a tone are told apart by their lightness, the lower inertia the lighter.
    """
    tones, shared = _tones(info), _shared(info)
    numbers, where = np.unique(info.optimum, return_inverse=True)
    chosen = np.array([tones.get(n, MUTED) for n in numbers.tolist()])[where]
    chosen = chosen.reshape(*info.optimum.shape, 3)
    known = tiers(info) if info.tiers is None else info.tiers
    rank = np.searchsorted(known, info.reached[shared]) / max(len(known) - 1, 1)
    chosen[shared] += _apart(rank, share_without(info) if info.filled is None else info.filled)
    shades = pace(info.steps) if info.pace is None else info.pace
    return shaded(chosen, shades[info.steps])


def share_without(info: PortraitInfo) -> float:
    """The share of the plane of optima that have no color of their own."""
    return float(_shared(info).mean())


def _apart(rank: NDArray[np.float64], filled: float) -> NDArray[np.float64]:
    """What is added to a tone that optima share, (…, 3), by their rank (…) from 0 to 1.

    Where they fill the plane, they may take up more of the scale than the steps do.
    """
    lightness = SPREAD * (1 + 1.5 * filled) * (0.5 - rank) - 0.1 * filled
    return np.stack([lightness, 0.05 * filled * rank, TURN * filled * (rank - 0.5)], axis=-1)


def _shared(info: PortraitInfo) -> NDArray[np.bool_]:
    """The cells (rows, cols) of optima that have no color of their own."""
    own = [n for n in _tones(info) if n > 0]
    return np.asarray((info.optimum >= NEW) & ~np.isin(info.optimum, own))


def lowest(info: PortraitInfo, of: int) -> float:
    """The lowest inertia that starts of a number reach; infinite where there is none."""
    return float(info.reached[info.optimum == of].min(initial=np.inf))


def legend_of(info: PortraitInfo) -> list[Entry]:
    """What each color means, and its share of the plane."""
    names, tones = info.names or names_of(info), _tones(info)
    cells = {n: int((info.optimum == n).sum()) for n in names}
    if OTHERS in cells:
        cells[OTHERS] = info.optimum.size - sum(cells.values())
    total, filled = info.optimum.size, share_without(info) if info.filled is None else info.filled
    return [Entry(n, names[n], cells[n] / total, _colors(n, tones[n], filled)) for n in names]


def _colors(of: int, tone: Tone, filled: float) -> tuple[str, ...]:
    if of not in (OTHERS, NEW):
        return (color(tone),)
    some = np.array(tone) + _apart(np.linspace(0, 1, SLICES), filled)
    return tuple(color((float(L), float(C), float(h))) for L, C, h in some)


def names_of(info: PortraitInfo) -> dict[int, str]:
    """What the legend calls the numbers that it names, in its order."""
    shown = listed(info.optimum)
    own = [n for n in shown if n > 0]
    values = apart([lowest(info, n) for n in own], most=6)
    texts = {n: f"optimum {n}: {value}" for n, value in zip(own, values, strict=True)}
    others = len(np.unique(info.optimum[info.optimum > 0])) - len(own)
    stopped = ", ".join(f"{status} {count(times)}" for status, times in info.stopped.items())
    texts |= {
        OTHERS: f"{count(others)} other{'s' * (others != 1)}",
        NEW: f"new, from {number(lowest(info, NEW))}",
        BETTER: f"better than any: {number(lowest(info, BETTER), 6)}",
        CUT_OFF: f"not converged{': ' * bool(stopped)}{stopped}",
    }
    return {n: texts[n] for n in shown}


def notes_of(info: PortraitInfo) -> list[str]:
    """What has to be said beside a portrait."""
    said = []
    ends = np.unique(info.optimum).tolist()
    if BETTER in ends:
        found, best = apart([lowest(info, BETTER), info.best])
        said.append(
            f"From some places k-means ends at {found}, below the best of all starts, {best}."
        )
    if ends[-1] > 1 and 1 not in ends:
        lightest = next(number for number in ends if number > 0)
        said.append(f"The lightest is optimum {lightest}, the best that occurs here.")
    if {NEW, BETTER} & {*ends}:
        said.append("New: where no start of the study has ended; lighter: lower inertia.")
    if ends == [CUT_OFF]:
        said.append("From no place k-means converged, so there is no optimum to show.")
    elif len(ends) == 1 and ends[0] > 0:
        said.append(f"From everywhere k-means ends in optimum {ends[0]}.")
    return [*said, *info.notes]


def _tones(info: PortraitInfo) -> dict[int, Tone]:
    """The tone of each number that the legend names."""
    shown = listed(info.optimum) if info.names is None else [*info.names]
    own = [number for number in shown if number > 0]
    return dict(zip(own, ramp(len(own)), strict=True)) | {n: LATTER[n] for n in shown if n <= 0}
