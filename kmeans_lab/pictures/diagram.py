"""The critical-difference diagram: average ranks on a line, bars over what is not told apart."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ..wording import number
from .axes import called, nothing
from .canvas import SMALL, style
from .palette import INK, PALETTE, SOFT

STEM, BAR, ROW = 0.9, 0.32, 0.62  # heights: from line to names at least, of a bar, of a name
MOST, RANK = 125.0, 44.0  # pixels: a name at most, its rank beside it
EDGES = 40  # pixels around the diagram and beside the line
MANY = 8  # numbers that stand side by side on the line
FEW, MORE = 6, 0.22  # ranks that have room on the line; inches that each more takes


class RanksInfo(NamedTuple):
    """Average ranks over data sets, and which are too close to be told apart."""

    ranks: Mapping[str, float]  # init: average rank, 1 is the best
    difference: float  # two ranks that differ by less are not told apart: the critical one
    groups: Sequence[Sequence[str]] = ()  # inits that are not, each named as in `ranks`


def draw_ranks(ax: Axes, info: RanksInfo) -> None:
    """The best on the left; better and worse half named on their sides, so that no lines cross.

    Source: Demšar, Statistical comparisons of classifiers over multiple data sets (2006),
    section 3.2.4.
    """
    style(ax)
    ax.axis("off")
    ranked = sorted((rank, name) for name, rank in info.ranks.items() if np.isfinite(rank))
    if len(ranked) < 2:
        return nothing(ax, "no ranking")
    m = len(ranked)
    below = STEM + BAR * len(info.groups)
    half = (m + 1) // 2
    _draw_line(ax, m, info.difference)
    _draw_bars(ax, info)
    figure = ax.get_figure(root=True)
    assert figure is not None
    width, height = figure.get_size_inches().tolist()
    figure.set_size_inches(width + MORE * max(0, m - FEW), height)
    names = {name: called(name, MOST) for _, name in ranked}
    room = max(map(_width, names.values())) + RANK
    unit = (m - 1) / (100 * float(figure.get_size_inches()[0]) - 2 * room - EDGES)  # of a pixel
    _draw_names(ax, [(r, names[name]) for r, name in ranked[:half]], below, 1 - 6 * unit, "right")
    rest = [(r, names[name]) for r, name in ranked[half:][::-1]]
    _draw_names(ax, rest, below, m + 6 * unit, "left")
    ax.set_xlim(1 - (room + EDGES / 2) * unit, m + (room + EDGES / 2) * unit)
    ax.set_ylim(max(below + ROW * half, 3.0), -2.6)


def _width(name: str) -> float:
    """Pixels that a name takes, about."""
    return sum(12.5 if ord(letter) > 0x2E7F else 7.4 for letter in name)


def _draw_line(ax: Axes, m: int, difference: float) -> None:
    """Ranks 1 to m on a line, and above it how far two must lie apart."""
    ax.plot([1, m], [0, 0], color=INK, lw=1.2)
    for rank in range(1, m + 1):
        ax.plot([rank, rank], [-0.18, 0], color=INK, lw=1.0)
    for rank in range(1, m + 1, -(-m // MANY)):
        ax.text(rank, -0.3, str(rank), ha="center", va="bottom", color=INK, fontsize=SMALL)
    ax.plot([1, 1 + difference], [-1.4, -1.4], color=SOFT, lw=1.6, marker="|", ms=7)
    text = f"critical difference {number(difference, 3)}"
    ax.text(1, -1.62, text, ha="left", va="bottom", color=SOFT, fontsize=SMALL)


def _draw_bars(ax: Axes, info: RanksInfo) -> None:
    for g, group in enumerate(info.groups):
        ends = [info.ranks[name] for name in group]
        y = 0.45 + BAR * g
        ax.plot(
            [min(ends) - 0.03, max(ends) + 0.03],
            [y, y],
            color=PALETTE[0],
            lw=4.5,
            solid_capstyle="butt",
        )


def _draw_names(
    ax: Axes, ranked: Sequence[tuple[float, str]], below: float, side: float, align: str
) -> None:
    """Names at `side`, from the outermost rank down, each with the way to its rank."""
    for row, (rank, name) in enumerate(ranked):
        y = below + ROW * row
        ax.plot([rank, rank, side], [0, y, y], color=SOFT, lw=0.9, zorder=1)
        ax.plot([rank], [0], "o", color=INK, ms=4, zorder=3)
        shift = -4 if align == "right" else 4
        ax.annotate(
            f"{name}  {rank:.2f}",
            (side, y),
            (shift, 0),
            textcoords="offset points",
            ha=align,
            va="center",
            color=INK,
            fontsize=SMALL,
            in_layout=False,
        )
