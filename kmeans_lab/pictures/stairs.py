"""Pictures of where starts end: the staircase of sorted inertia, and what the beginning tells."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ..wording import apart, count, percent, ratio
from .axes import (
    Floats,
    above,
    called,
    drawn,
    gap_side,
    legend,
    mark,
    mark_log,
    nothing,
    pairs,
    ranked,
    widen,
)
from .canvas import SMALL, style
from .palette import INK, outline
from .places import merged

__all__ = ["OnsetInfo", "StairsInfo", "draw_onset", "draw_stairs", "told_onset", "told_stairs"]

WIDE, HIGH = 0.035, 0.055  # of the picture: a step that bears a number; how far these stand apart
MANY = 600  # marks of an init from which they have no outline
SPAN = 10.0  # of the largest initial inertia to the smallest, from which its side is logarithmic


class StairsInfo(NamedTuple):
    """Starts sorted by inertia, for each init: where each value ends among them."""

    series: Mapping[str, tuple[ArrayLike, ArrayLike]]  # init: (inertia, share up to it), rising
    optima: Mapping[int, float]  # number: inertia
    best: float  # best known inertia


class OnsetInfo(NamedTuple):
    """Inertia of the starts at their first step and at their end, for each init."""

    series: Mapping[str, tuple[ArrayLike, ArrayLike]]  # init: (initial, final), each (starts,)
    best: float  # best known inertia
    ranks: Mapping[str, float] = {}  # init: rank correlation of the two


def draw_stairs(ax: Axes, info: StairsInfo) -> None:
    """Steps as wide as the basins, the optima's numbers on the widest."""
    label = "inertia above the best known" if info.best > 0 else "inertia"
    style(ax, "starts, the best first", label, grid="both")
    curves = {name: pairs(*pair) for name, pair in info.series.items()}
    if not any(values.size for values, _ in curves.values()):
        return nothing(ax)
    heights = {name: (above(values, info.best), s) for name, (values, s) in curves.items()}
    for name, (y, shares), look, _ in drawn(heights):
        x = np.concatenate([[0.0], shares])
        ax.step(x, np.concatenate([y[:1], y]), where="pre", label=called(name), **look)
    ax.set_xlim(0, 1)
    mark(ax, "x", percent=True)
    _mark_heights(ax, info.best, np.concatenate([y for y, _ in heights.values()]))
    _number_steps(ax, info, curves)
    legend(ax)


def _mark_heights(ax: Axes, best: float, heights: Floats) -> None:
    if best > 0:
        gap_side(ax, heights, "y")
    else:
        mark(ax, "y")


def _number_steps(ax: Axes, info: StairsInfo, curves: Mapping[str, tuple[Floats, Floats]]) -> None:
    """The number of each optimum over its widest step, where there is room for it."""
    to_axes = ax.transData + ax.transAxes.inverted()
    taken: list[float] = []
    for width, middle, name, inertia in sorted(_steps(info, curves), reverse=True):
        y = float(to_axes.transform((middle, float(above(inertia, info.best))))[1])
        if width >= WIDE and all(abs(y - other) >= HIGH for other in taken):
            taken.append(y)
            ax.text(
                middle, y + 0.008, str(name), transform=ax.get_xaxis_transform(), ha="center",
                va="bottom", size=SMALL, color=INK, weight="bold",
            )  # fmt: skip


def _steps(
    info: StairsInfo, curves: Mapping[str, tuple[Floats, Floats]]
) -> list[tuple[float, float, int, float]]:
    """Width, middle, number and inertia of the widest step of each optimum."""
    numbers = {inertia: name for name, inertia in sorted(info.optima.items(), reverse=True)}
    widest: dict[int, tuple[float, float, int, float]] = {}
    for values, shares in curves.values():
        begins = np.concatenate([[0.0], shares])[: shares.size]
        for inertia, begin, end in zip(values.tolist(), begins, shares, strict=True):
            if name := numbers.get(inertia, 0):
                step = (float(end - begin), float(begin + end) / 2, name, inertia)
                widest[name] = max(widest.get(name, step), step)
    return [*widest.values()]


def draw_onset(ax: Axes, info: OnsetInfo) -> None:
    """One mark for starts that begin and end alike, its area their share."""
    label = "final inertia above the best" if info.best > 0 else "final inertia"
    style(ax, "initial inertia", label, grid="both")
    known = {name: pairs(*both) for name, both in info.series.items()}
    if not any(initial.size for initial, _ in known.values()):
        return nothing(ax)
    every = np.concatenate([initial for initial, _ in known.values()])
    far = every.min() > 0 and every.max() >= SPAN * every.min()
    heights = [above(final, info.best) for _, final in known.values()]
    least = min((h[h > 0].min() for h in heights if (h > 0).any()), default=1.0)
    for name, (initial, final), look, shape in drawn(known):
        y = above(final, info.best)
        places = np.stack([np.log(initial) if far else initial, np.log1p(np.maximum(y, 0) / least)])
        which, counts = merged(places)
        edge = outline(look["color"])
        if len(which) < MANY:
            options: dict[str, Any] = {"fc": [(look["color"], 0.3)], "ec": edge, "lw": 0.8}
        else:  # darker where there are more
            strength = (0.25 + 0.75 * np.sqrt(counts / counts.max())).tolist()
            options = {"fc": [(edge, s) for s in strength], "lw": 0}
        area = 12 + 300 * counts / initial.size
        ax.scatter(initial[which], y[which], s=area, marker=shape, **options)
        text = ranked(name, info.ranks.get(name, np.nan), len(info.series))
        ax.plot([], [], shape, color=look["color"], mec=edge, label=text)
    if far:
        mark_log(ax, "x", every.min(), every.max())
    else:
        ax.margins(x=0.06)
        mark(ax, "x")
    _mark_heights(ax, info.best, np.concatenate(heights))
    widen(ax, 0.05)
    legend(ax)


def told_stairs(info: StairsInfo) -> str:
    """The staircase in words."""
    start = "Staircase: starts sorted by inertia, each step an optimum, its width a basin."
    said = []
    for name, pair in info.series.items():
        values, shares = pairs(*pair)
        steps = sorted(_steps(info, {name: (values, shares)}), reverse=True)[:3]
        widest = ", ".join(f"optimum {n} {percent(width)}" for width, _, n, _ in steps)
        more = f", the widest {widest}" if widest else ""
        said.append(f"{name}: {count(values.size)} steps{more}")
    return f"{start} {'; '.join(said) or 'none'}."


def told_onset(info: OnsetInfo) -> str:
    """Beginning and end in words."""
    said = []
    for name, both in info.series.items():
        initial, final = pairs(*both)
        if not initial.size:
            said.append(f"{name}: no outcome")
            continue
        ends = [" to ".join(apart([float(x.min()), float(x.max())])) for x in (initial, final)]
        rank = ratio(info.ranks.get(name, float("nan")))
        said.append(f"{name}: initial {ends[0]}, final {ends[1]}, rank correlation {rank}")
    return f"Scatter of final against initial inertia of the starts. {'; '.join(said) or 'none'}."
