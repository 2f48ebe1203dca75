"""What the report's Axes share: looks of series, ticks, legends, a word where there is nothing."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from ..statistics import REACHED
from ..wording import number, ratio
from .canvas import NORMAL, SMALL, literal, shortened
from .palette import INK, PALETTE, SOFT
from .scale import decade_ticks, ticks

DASHES = ("-", (0, (5, 1.6)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
SHAPES = ("o", "s", "^", "D", "v", "P", "X", "p")
TOLD = 4  # series of which a legend tells more than a name and a number
ROOM = 400  # pixels a legend has across
ROWS, LINE = 3, 0.23  # of a legend that a picture has room for; inches that each more takes

Floats = NDArray[np.float64]
Side = Literal["x", "y"]


def finite(values: ArrayLike) -> Floats:
    """The finite ones of some values (m,)."""
    known = np.asarray(values, dtype=np.float64).ravel()
    return known[np.isfinite(known)]


def pairs(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Those of the pairs (m,) of which both are finite."""
    both = np.stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    left, right = both[:, np.isfinite(both).all(axis=0)]
    return left, right


def looks() -> Iterator[dict[str, Any]]:
    """Color and dashes of one series after another, so that equal curves stay visible."""
    for i in count():
        dashes = DASHES[i % len(DASHES)]
        yield {"color": PALETTE[i % len(PALETTE)], "ls": dashes, "lw": 1.9}


def shapes() -> Iterator[str]:
    """Markers of one series after another."""
    return (SHAPES[i % len(SHAPES)] for i in count())


def drawn(
    series: Mapping[str, tuple[ArrayLike, ...]],
) -> Iterator[tuple[str, Any, dict[str, Any], str]]:
    """Name, values, look and marker of each series that has a value.

    The look is that of its place, so that an init has the same one in every picture.
    """
    for look, shape, (name, values) in zip(looks(), shapes(), series.items(), strict=False):
        if np.size(values[0]):
            yield name, values, look, shape


def called(name: str, room: float = ROOM / 2) -> str:
    """A name as a legend shows it; matplotlib would pass over one that begins with "_"."""
    text = literal(shortened(" ".join(name.split()), room, SMALL))
    return f"\u200a{text}" if text.startswith("_") else text


def ranked(name: str, rank: float, among: int) -> str:
    """A name in the legend with a rank correlation, which is called so where few are told."""
    if math.isnan(rank):
        return called(name)
    return f"{called(name)}: {'rank correlation ' * (among <= TOLD)}{ratio(rank)}"


def nothing(ax: Axes, text: str = "no start has an outcome") -> None:
    """Empty Axes that say why."""
    ax.set(xticks=[], yticks=[], xlabel="", ylabel="")
    ax.spines[:].set_visible(False)
    ax.text(
        0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=SOFT, size=NORMAL
    )


def legend(ax: Axes) -> None:
    """The names above the Axes, where they hide nothing."""
    handles, names = ax.get_legend_handles_labels()
    widest = max((len(name) for name in names), default=1) * SMALL + 40
    figure = ax.get_figure(root=True)
    assert figure is not None
    columns = max(1, min(len(names), 4, int(ROOM // widest)))
    width, height = figure.get_size_inches()
    more = max(0, -(-len(names) // columns) - ROWS)
    figure.set_size_inches(width, height + more * LINE)
    figure.legend(
        handles,
        names,
        loc="outside upper left",
        ncols=columns,
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        borderaxespad=0.2,
        handlelength=2.4,
    )


def mark(ax: Axes, side: Side, *, least: float = 0.0, percent: bool = False) -> None:
    """Round ticks on one side, no closer than `least`; its name gets the power of ten, if any."""
    low, high = ax.get_xlim() if side == "x" else ax.get_ylim()
    times = 100.0 if percent else 1.0
    found = ticks(min(low, high) * times, max(low, high) * times, 7, least)
    unit = "\u00a0%" if percent else ""
    set_ticks(ax, side, [p / times for p in found.positions], [t + unit for t in found.labels])
    axis = ax.xaxis if side == "x" else ax.yaxis
    axis.set_label_text(axis.get_label_text() + found.suffix)


def above(inertia: ArrayLike, best: float) -> Floats:
    """Gaps to the best known, rounding taken for 0; inertia itself where no best is positive."""
    values = np.asarray(inertia, dtype=np.float64)
    if not best > 0:
        return values
    return np.where(values <= best * (1 + REACHED), 0.0, values / best - 1)


def gap_side(ax: Axes, gaps: Floats, side: Side) -> None:
    """Gaps from 0; on a logarithmic scale where they differ by more than ten times."""
    positive = gaps[gaps > 0]
    low, high = (positive.min(), positive.max()) if positive.size else (0.01, 0.01)
    scale, limits = (ax.set_xscale, ax.set_xlim) if side == "x" else (ax.set_yscale, ax.set_ylim)
    if high <= 10 * low:
        limits(-0.03 * high, 1.03 * high)
        return mark(ax, side, percent=True)
    scale("symlog", linthresh=low, linscale=0.6)
    limits(-0.2 * low, 1.2 * high)
    mark_decades(ax, side, low, high)


def mark_log(ax: Axes, side: Side, low: float, high: float) -> None:
    """A logarithmic side from `low` to `high`, positive, with few round ticks."""
    scale, limits = (ax.set_xscale, ax.set_xlim) if side == "x" else (ax.set_yscale, ax.set_ylim)
    low, high = low / 1.1, max(high, 2 * low) * 1.1
    scale("log")
    limits(low, high)
    found = decade_ticks(low, high, 5)
    set_ticks(ax, side, found.positions, found.labels)
    axis = ax.xaxis if side == "x" else ax.yaxis
    axis.set_label_text(axis.get_label_text() + found.suffix)


def mark_decades(ax: Axes, side: Side, low: float, high: float) -> None:
    """Ticks in percent at 0 and at some powers of ten in [low, high]."""
    powers = range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)
    chosen = [10.0**power for power in powers[:: -(-len(powers) // 5) or 1]]
    set_ticks(ax, side, [0.0, *chosen], [f"{number(100 * p, 1)}\u00a0%" for p in [0.0, *chosen]])


def set_ticks(ax: Axes, side: Side, positions: Sequence[float], labels: Sequence[str]) -> None:
    """These ticks and no other."""
    axis = ax.xaxis if side == "x" else ax.yaxis
    axis.set_ticks([], minor=True)
    axis.set_ticks(positions, labels=labels)


def widen(ax: Axes, part: float) -> None:
    """Let both sides show a part more at each end, whatever their scales, for marks at the edge."""
    to_data = ax.transAxes + ax.transData.inverted()
    (left, low), (right, high) = to_data.transform([(-part, -part), (1 + part, 1 + part)])
    ax.set(xlim=(left, right), ylim=(low, high))


def from_zero(ax: Axes) -> None:
    """Let the upright side begin at 0, with some room above what is drawn."""
    high = ax.dataLim.y1
    ax.set_ylim(0, 1.06 * high if high > 0 else 1)
