"""The map of a basin portrait: cells in their colors, the points, the first centers."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .axes import mark, set_ticks
from .canvas import NORMAL, shortened, style
from .palette import INK, PAPER
from .portrait import PortraitInfo, image

BADGE = "#000000"  # of a center
CROWD = 20  # centers from which on they are smaller


def draw_map(ax: Axes, info: PortraitInfo) -> None:
    """The colors of the cells, points, centers, the way of one that goes round."""
    rooms = (ax.bbox.width, ax.bbox.height)
    style(ax, *(shortened(*both, NORMAL) for both in zip(info.axes, rooms, strict=True)))
    x_min, x_max, y_min, y_max = info.extent
    rows, cols = info.optimum.shape
    dx, dy = (x_max - x_min) / max(cols - 1, 1) / 2, (y_max - y_min) / max(rows - 1, 1) / 2
    sides = x_min - dx, x_max + dx, y_min - dy, y_max + dy
    options: dict[str, Any] = {"origin": "lower", "aspect": "auto", "interpolation": "nearest"}
    ax.imshow(image(info), extent=sides, zorder=0, **options)
    ax.set(xlim=sides[:2], ylim=sides[2:])
    _draw_points(ax, info, sides[0], sides[2])
    _draw_centers(ax, info)
    mark(ax, "x")
    mark(ax, "y")
    if not info.axes[1]:
        set_ticks(ax, "y", [], [])


def _draw_points(ax: Axes, info: PortraitInfo, left: float, low: float) -> None:
    x, y = info.points.T
    if info.flat:
        look: dict[str, Any] = {"ls": "none", "color": INK, "ms": 8, "mew": 0.8, "clip_on": False}
        ax.plot(x, np.full_like(x, low), "|", **look)
        if info.axes[1]:
            ax.plot(np.full_like(y, left), y, "_", **look)
        return
    size = float(np.clip(34 / np.sqrt(len(x)), 0.9, 2.8))
    light = 0.55 if size < 2 else 1.0
    ax.plot(x, y, "o", ls="none", ms=size + 0.9, mew=0, color=PAPER, alpha=light, zorder=2)
    ax.plot(x, y, "o", ls="none", ms=size, mew=0, color=BADGE, zorder=2.1)


def _draw_centers(ax: Axes, info: PortraitInfo) -> None:
    if info.path is not None:
        x, y = np.vstack([info.path, info.path[:1]]).T
        ax.plot(x, y, color=PAPER, lw=2.2, alpha=0.6, zorder=3)
        ax.plot(x, y, color=BADGE, lw=0.9, ls=(0, (4, 3)), zorder=3)
    scale = 1.0 if len(info.centers) <= CROWD else 0.8
    for c, (x, y) in enumerate(info.centers):
        if c not in info.swept:
            _badge(ax, x, y, "D", 10.5 * scale, str(c + 1))
    x, y = info.place
    _badge(ax, x, y, "o", 15.0, ",".join(str(c + 1) for c in info.swept))


def _badge(ax: Axes, x: float, y: float, shape: str, size: float, text: str) -> None:
    look: dict[str, Any] = {"color": BADGE, "mec": PAPER, "mew": 1.2, "zorder": 4}
    ax.plot([x], [y], shape, ms=size, **look)
    small = min(6.4, 0.6 * size, 12.0 / len(text) if shape == "D" else size)
    letters: dict[str, Any] = {"color": PAPER, "size": small, "weight": "bold", "clip_on": True}
    ax.text(x, y, text, ha="center", va="center_baseline", zorder=4, **letters)
