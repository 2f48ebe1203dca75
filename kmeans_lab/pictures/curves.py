"""Pictures of curves: of inertia, of what restarts gain, of what changes over steps and over k."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ..wording import count, number
from .axes import (
    above,
    called,
    drawn,
    finite,
    from_zero,
    gap_side,
    legend,
    looks,
    mark,
    nothing,
    pairs,
    set_ticks,
)
from .canvas import SMALL, style
from .palette import INK, SOFT, outline
from .places import spread
from .scale import silhouette_ticks

FAR = 100.0  # times the largest R drawn, up to which the number needed is marked
APART = 0.075  # of the width, that numbers need
REFERENCES = (0.5, 0.75)  # silhouettes with a line, guides for the eye


class EcdfInfo(NamedTuple):
    """Share of the starts of each init that end at a value or below."""

    series: Mapping[str, tuple[ArrayLike, ArrayLike]]  # init: (values, shares), both rising
    label: str = "inertia"
    best: float | None = None  # the best known; where positive, the picture shows gaps to it


class RestartsInfo(NamedTuple):
    """Expected gap of the best of R starts."""

    series: Mapping[str, Mapping[int, float]]  # init: {R: gap}
    bands: Mapping[str, tuple[ArrayLike, ArrayLike, ArrayLike]] = {}  # init: (R, low, high)
    needed: Mapping[str, float] = {}  # init: R of which one reaches the best, with 99 % certainty


class IterationsInfo(NamedTuple):
    """Steps that the starts of each init made."""

    series: Mapping[str, ArrayLike]  # init: (starts,)


class SweepInfo(NamedTuple):
    """A number against k, in one or more series."""

    k: Sequence[int]
    series: Mapping[str, ArrayLike]  # name: (len(k),)
    label: str


class HistoriesInfo(NamedTuple):
    """Silhouette after each assign of some starts."""

    series: Mapping[str, ArrayLike]  # name, as "best": (steps,)


def draw_ecdf(ax: Axes, info: EcdfInfo) -> None:
    """Steps that rise to 1; against the gap where there is a best to compare with."""
    curves = {name: pairs(*pair) for name, pair in info.series.items()}
    best = info.best if info.best and math.isfinite(info.best) else None
    label = info.label if best is None else f"{info.label} above the best known, {number(best)}"
    style(ax, label, "share of starts at or below", grid="both")
    if not any(values.size for values, _ in curves.values()):
        return nothing(ax)
    if best is not None:
        curves = {name: (above(values, best), shares) for name, (values, shares) in curves.items()}
    every = np.concatenate([values for values, _ in curves.values()])
    for name, (values, shares), look, _ in drawn(curves):
        x = np.concatenate([values[:1], values, [every.max()]])
        steps = np.concatenate([[0.0], shares, shares[-1:]])
        ax.step(x, steps, where="post", label=called(name), **look)
    ax.set_ylim(0, 1.03)
    mark(ax, "y", percent=True)
    if best is None:
        mark(ax, "x")
    else:
        gap_side(ax, every, "x")
    legend(ax)


def draw_restarts(ax: Axes, info: RestartsInfo) -> None:
    """What is still lost, on average, after the best of R starts; R on a logarithmic axis."""
    style(ax, "restarts R", "expected gap, best of R", grid="both")
    curves = {name: pairs([*gap], [*gap.values()]) for name, gap in info.series.items()}
    if not any(R.size for R, _ in curves.values()):
        return nothing(ax)
    for name, (R, gap), look, shape in drawn(curves):
        ax.plot(R, gap, marker=shape, ms=4.5, label=called(name), clip_on=False, zorder=3, **look)
        if name in info.bands:
            ax.fill_between(*info.bands[name], color=look["color"], alpha=0.18, lw=0)
    every = np.unique(np.concatenate([R for R, _ in curves.values()]))
    ax.set_xscale("log")
    needed = {name: R for name, R in info.needed.items() if 1 <= R <= FAR * every[-1]}
    ax.set_xlim(every[0] / 1.15, max([every[-1], *needed.values()]) * 1.15)
    low, high = np.log(ax.get_xlim())
    room = max(2, int(9 * np.log(every[-1] / every[0]) / (high - low)))
    some = every[:: -(-len(every) // room)].tolist()
    set_ticks(ax, "x", some, [f"{R:.0f}" for R in some])
    from_zero(ax)
    if not any((gap > 0).any() for _, gap in curves.values()):
        ax.set_ylim(0, 0.0115)  # nothing is lost: a scale that leaves its top to the numbers
    mark(ax, "y", percent=True)
    _mark_needed(ax, info, needed)
    legend(ax)


def _mark_needed(ax: Axes, info: RestartsInfo, needed: Mapping[str, float]) -> None:
    """A line where enough restarts are made, its number above, in the color of the init."""
    if not needed:
        return
    colors = {name: look["color"] for name, look in zip(info.series, looks(), strict=False)}
    low, high = np.log(ax.get_xlim())
    ranked = sorted(needed, key=lambda name: needed[name])
    places = [(math.log(needed[name]) - low) / (high - low) for name in ranked]
    text: dict[str, Any] = {"size": SMALL, "va": "bottom", "transform": ax.transAxes}
    apart = min(APART, 1 / len(ranked))
    for x, name in zip(spread(places, apart, 1.0), ranked, strict=True):
        ax.axvline(needed[name], color=colors[name], lw=1.1, ls=(0, (1.2, 1.2)), zorder=1)
        shown = count(int(needed[name]))
        ax.text(x, 1.02, shown, ha="center", color=outline(colors[name]), weight="bold", **text)
    ax.text(-0.02, 1.02, "for 99\u00a0%", ha="right", color=INK, **text)


def draw_iterations(ax: Axes, info: IterationsInfo) -> None:
    """Histogram of the steps made, one outline for each init."""
    style(ax, "steps made", "share of starts", grid="y")
    counts = {name: (finite(steps),) for name, steps in info.series.items()}
    known = np.concatenate([np.empty(0), *(steps for (steps,) in counts.values())])
    if not known.size:
        return nothing(ax)
    width = max(1, math.ceil((known.max() - known.min() + 1) / 40))
    edges = np.arange(known.min(), known.max() + 2 * width, width) - 0.5
    for name, (steps,), look, _ in drawn(counts):
        share = np.histogram(steps, edges)[0] / len(steps)
        ax.stairs(share, edges, label=called(name), **look)
        ax.stairs(share, edges, fill=True, color=look["color"], alpha=0.15)
    mark(ax, "x", least=1)
    from_zero(ax)
    mark(ax, "y", percent=True)
    legend(ax)


def draw_sweep(ax: Axes, info: SweepInfo) -> None:
    """One line for each series over k."""
    style(ax, "k", info.label, grid="both")
    curves = {name: pairs(info.k, values) for name, values in info.series.items()}
    if not any(k.size for k, _ in curves.values()):
        return nothing(ax)
    for name, (k, values), look, shape in drawn(curves):
        ax.plot(k, values, marker=shape, ms=4.5, label=called(name), **look)
    mark(ax, "x", least=1)
    from_zero(ax)
    mark(ax, "y")
    legend(ax)


def draw_histories(ax: Axes, info: HistoriesInfo) -> None:
    """Silhouettes over the steps, with the reference lines of the films."""
    style(ax, "step", "silhouette")
    every = {name: np.asarray(scores, dtype=np.float64) for name, scores in info.series.items()}
    curves = {name: pairs(np.arange(len(scores)) + 1, scores) for name, scores in every.items()}
    if not any(scores.size for _, scores in curves.values()):
        return nothing(ax, "no silhouette is defined or recorded")
    for name, (steps, scores), look, shape in drawn(curves):
        ax.plot(steps, scores, label=called(name), marker=shape, ms=3.5, **look)
    for level in REFERENCES:
        ax.axhline(level, color=SOFT, lw=0.9, ls=(0, (4, 3)), zorder=1)
    low = min(min([0.0, *scores]) for _, scores in curves.values())
    ax.set_ylim(low - 0.06 * (low < 0), 1.0)
    mark(ax, "x", least=1)
    levels = silhouette_ticks(*ax.get_ylim())
    set_ticks(ax, "y", levels.positions, levels.labels)
    legend(ax)
