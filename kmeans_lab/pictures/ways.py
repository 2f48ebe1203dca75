"""The ways of the starts: inertia by step, rivers that meet where partitions do."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import ArrayLike

from ..wording import count, percent
from .axes import Floats, above, gap_side, mark, nothing, set_ticks
from .canvas import SMALL, style
from .palette import INK, PAPER, mixed
from .places import spread
from .tones import color, ramp

__all__ = ["WaysInfo", "draw_ways", "told_ways", "tones"]

NAMED = 8  # optima that have a color of their own, the best and others
LEAST = 0.01  # of the starts, which end in these
ROOM = 2.8  # times as much of it below 0, where half a river lies
OTHERS = "#8B939C"
DARKER = 1.0  # shade of a color, that the lightest stands out from paper
ONE = 3.0  # points at most, of a river of one start
PALE = 0.38  # what is left of a color before the fate is sealed
MANY = 400  # pieces from which they are sent as pixels
LINE = 0.075  # of the height of the picture, that a name takes
THIN, WIDE = 0.35, 28.0  # points: of a river of one start at least, of all starts


class WaysInfo(NamedTuple):
    """The ways of starts, E pieces that lead from one step to a later one."""

    steps: ArrayLike  # (E, 2)
    inertia: ArrayLike  # (E, 2)
    starts: ArrayLike  # (E,), that go this way
    optimum: ArrayLike  # (E,), number of the one they end in
    sealed: ArrayLike  # (E,), whether that shows
    optima: Mapping[int, float]  # number: its inertia
    shares: Mapping[int, float]  # number: share of the starts
    total: int  # starts
    best: float  # best known inertia
    last: int  # step up to which the ways are told
    sealing: Mapping[float, int] = {}  # share of the starts: step by which so many are sealed
    converged: int = 0  # starts there are, if more than those followed


def tones(m: int) -> list[str]:
    """Colors of m optima as portraits have them, a little darker on white."""
    return [color(tone, DARKER) for tone in ramp(m)]


def named(shares: Mapping[int, float]) -> list[int]:
    """Up to NAMED optima, in order: the best one reached, and of the others the largest basins."""
    best = min(shares, default=0)
    large = [number for number, share in shares.items() if share >= LEAST and number != best]
    ranked = sorted(large, key=lambda number: (-shares[number], number))
    return sorted([best, *ranked[: NAMED - 1]])


def draw_ways(ax: Axes, info: WaysInfo) -> None:
    """Rivers as wide as their starts are many, pale until the optimum they end in shows."""
    label = "inertia above the best known" if info.best > 0 else "inertia"
    style(ax, f"step{_followed(info)}", label, grid="y")
    if not np.size(info.starts):
        return nothing(ax, "no steps of converged starts were recorded")
    heights = above(info.inertia, info.best)
    shown = named(info.shares)
    colors = dict(zip(shown, tones(len(shown)), strict=True))
    _draw_rivers(ax, info, heights, colors)
    _mark_steps(ax, info.last)
    if info.best > 0:
        gap_side(ax, heights.ravel(), "y")
        ax.set_ylim(bottom=ROOM * ax.get_ylim()[0])
    else:
        ax.autoscale_view(scalex=False)
        mark(ax, "y")
    _draw_sealing(ax, info)
    _draw_ends(ax, info, colors)


def _mark_steps(ax: Axes, last: int) -> None:
    """Steps on a logarithmic side: most happens in the first of them."""
    ax.set_xscale("log")
    ax.set_xlim(1, last)
    few = [m * 10**p for p in range(len(str(last))) for m in (1, 2, 5) if m * 10**p <= last]
    set_ticks(ax, "x", few, [str(step) for step in few])


def _draw_rivers(ax: Axes, info: WaysInfo, heights: Floats, colors: Mapping[int, str]) -> None:
    starts, optimum = np.asarray(info.starts), np.asarray(info.optimum)
    sealed, known = np.asarray(info.sealed), np.isin(optimum, [*colors])
    order = np.lexsort((-starts, sealed, known))  # what is sealed and thin lies on top
    looks = {(n, True): colors.get(n, OTHERS) for n in set(optimum.tolist())}
    looks |= {(n, False): mixed(look, PAPER, PALE) for (n, _), look in looks.items()}
    ends = np.stack([np.asarray(info.steps, dtype=np.float64), heights], axis=2)
    keys = zip(optimum[order].tolist(), sealed[order].tolist(), strict=True)
    lines = LineCollection(
        list(ends[order]),
        colors=[looks[key] for key in keys],
        linewidths=(THIN + min(WIDE / info.total, ONE) * starts[order]).tolist(),
        capstyle="round",
        zorder=2,
        rasterized=len(ends) > MANY,
    )
    ax.add_collection(lines)


def _draw_sealing(ax: Axes, info: WaysInfo) -> None:
    """A line at each step by which so many of the starts are sealed, named above."""
    known = {step: q for q, step in sorted(info.sealing.items()) if 1 <= step <= info.last}
    if not known:
        return
    places = [max(math.log(step) / math.log(max(info.last, 2)), 0.09) for step in known]
    look: dict[str, Any] = {"size": SMALL, "color": INK, "va": "bottom", "transform": ax.transAxes}
    for x, (step, share) in zip(spread(places, 0.14, 1.0), known.items(), strict=True):
        ax.axvline(step, color=INK, lw=0.9, ls=(0, (4, 3)), zorder=3)
        ax.text(x, 1.02, f"{100 * share:.0f}\u00a0%", ha="center", **look)
    ax.text(-0.02, 1.02, "sealed", ha="right", **look)


def _draw_ends(ax: Axes, info: WaysInfo, colors: Mapping[int, str]) -> None:
    """The optima by number and share on the right, no two names over each other."""
    to_axes = ax.transData + ax.transAxes.inverted()
    gaps = above([info.optima[number] for number in colors], info.best)
    places = [float(to_axes.transform((info.last, gap))[1]) for gap in gaps]
    names = [f"{number} · {percent(info.shares[number])}" for number in colors]
    marks = [*colors.values()]
    if left := len(info.shares) - len(colors):
        rest = 1 - sum(info.shares[number] for number in colors)
        names.append(f"{count(left)} other{'s' * (left > 1)} · {percent(max(rest, 0.0))}")
        marks.append(OTHERS)
        places.append(1.0)
    look: dict[str, Any] = {"transform": ax.transAxes, "clip_on": False}
    for y, name, fill in zip(spread(places, LINE, 1.0), names, marks, strict=True):
        ax.plot([1.03], [y], "s", ms=6, color=fill, **look)
        ax.text(1.06, y, name, color=INK, size=SMALL, va="center", **look)


def _followed(info: WaysInfo) -> str:
    """How many starts are followed, where not all are."""
    if info.converged <= info.total:
        return ""
    return f" (of the first {count(info.total)} of {count(info.converged)} starts)"


def told_ways(info: WaysInfo) -> str:
    """The ways in words."""
    start = "Ways of the starts: inertia by step, drawn as wide as their starts are many"
    if not np.size(info.starts):
        return f"{start}: no steps of converged starts were recorded."
    shown = named(info.shares)
    ends = ", ".join(f"optimum {n} {percent(info.shares[n])}" for n in shown)
    left = len(info.shares) - len(shown)
    sealed = [f" {percent(q)} are sealed by step {step}." for q, step in info.sealing.items()]
    more = f" of {count(info.converged)}" if info.converged > info.total else ""
    others = f" and {count(left)} others" if left else ""
    pieces = f"{count(info.total)} starts{more} in {count(np.size(info.starts))} pieces"
    return f"{start}; {pieces}. They end in {ends}{others}.{''.join(sealed)}"
