"""The two panels of a start: its points in the plane, and its silhouettes."""

from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D
from matplotlib.text import Text

from ..pictures.canvas import NORMAL, style
from ..pictures.palette import (
    ALPHA,
    INK,
    MARKERS,
    PALETTE,
    PAPER,
    SCORE,
    SOFT,
    UNASSIGNED,
    ink_on,
    markers,
    outline,
)
from ..pictures.scale import Ticks, silhouette_ticks, step_ticks, ticks
from ..pictures.scene import Scene, Shot, fitted, score_limits

LOOKS = len(PALETTE) * len(MARKERS)  # clusters until color and marker repeat
REFERENCES = (0.5, 0.75)  # silhouettes that count as reasonable and as strong
CELLS = (300, 300)  # of the background, where it is not drawn pixel by pixel
DIAMOND = 9.0  # points, the size of a center


class PlanePanel:
    """Points, centers and background of one start."""

    def __init__(self, ax: Axes, scene: Scene, aspect: float) -> None:
        self.ax, self.scene = ax, scene
        self.extent = fitted(scene.extent, aspect)
        _limit(ax, self.extent, scene)
        self.ground = self._ground()
        self.dots = [self._dots(look) for look in range(-1, min(scene.k, LOOKS))]
        self.halo = _diamonds(ax, PAPER, PAPER, DIAMOND * _shrunk(scene.k) + 2.2)
        self.diamonds = [self._diamond(number) for number in scene.numbers]
        self.digits = [self._digit(number) for number in scene.numbers if scene.k > len(PALETTE)]
        for artists, step in ((self.diamonds, 0.0), (self.digits, 0.5)):
            for i, artist in enumerate(
                artists
            ):  # a center covers those before it, and their numbers
                artist.set_zorder(4 + (i + step) / scene.k)
        centers = chain(*zip_longest(self.diamonds, self.digits))
        self.moving: list[Artist] = [*self.dots, self.halo, *filter(None, centers)]

    def _ground(self) -> Any:
        cells = np.zeros(CELLS, np.uint8)
        return self.ax.imshow(
            cells,
            cmap=ListedColormap([*PALETTE, PAPER]),
            vmin=-0.5,
            vmax=len(PALETTE) + 0.5,
            alpha=ALPHA,
            extent=self.extent,
            origin="lower",
            aspect="auto",
            interpolation="nearest",
            zorder=0.5,
        )

    def _dots(self, look: int) -> Line2D:
        color = PALETTE[look % len(PALETTE)] if look >= 0 else UNASSIGNED
        marker = markers(look + 1)[look] if look >= 0 else "o"
        size = 1.44 * self.scene.radius
        edge = min(0.7, size / 7)
        return _marks(self.ax, marker, color, outline(color), size, edge, 2)

    def _diamond(self, number: int) -> Line2D:
        color = PALETTE[number % len(PALETTE)]
        return _diamonds(self.ax, color, "#000000", DIAMOND * _shrunk(self.scene.k))

    def _digit(self, number: int) -> Text:
        ink = ink_on(PALETTE[number % len(PALETTE)])
        size = 5.6 * _shrunk(self.scene.k)
        return self.ax.text(
            0, 0, str(number + 1), color=ink, fontsize=size, ha="center", va="center_baseline",
            fontweight="bold", clip_on=True,
        )  # fmt: skip

    def show(self, shot: Shot) -> None:
        """Draw a frame's points and centers."""
        clusters, points = self.scene.clusters(shot), self.scene.points
        looks = np.where(clusters < 0, -1, clusters % LOOKS)
        for look, dots in enumerate(self.dots, start=-1):
            dots.set_data(*points[looks == look].T)
        centers = self.scene.centers[shot.centers]
        self.halo.set_data(*centers.T)
        for diamond, (x, y) in zip(self.diamonds, centers, strict=True):
            diamond.set_data([x], [y])
        for digit, (x, y) in zip(self.digits, centers, strict=False):
            digit.set_position((x, y))
            digit.set_visible(bool(np.isfinite([x, y]).all()))

    def tint(self, shot: Shot) -> None:
        """Draw a frame's background."""
        grid = self.grid(shot, CELLS)
        self.ground.set_visible(grid is not None)
        if grid is not None:
            self.ground.set_data(grid)

    def grid(self, shot: Shot, cells: tuple[int, int]) -> Any:
        """Colors (rows, cols) of a frame's background as indices of the palette, or None.

        Where colors repeat, a line of index len(PALETTE) keeps neighbors apart.
        """
        x_min, x_max, y_min, y_max = self.extent
        dx, dy = (x_max - x_min) / cells[1] / 2, (y_max - y_min) / cells[0] / 2
        middles = (x_min + dx, x_max - dx, y_min + dy, y_max - dy)  # of the outer cells
        grid = self.scene.ground(shot, middles, cells)
        if grid is None or self.scene.k <= len(PALETTE):
            return grid
        colors = (grid % len(PALETTE)).astype(np.uint8)
        colors[1:][grid[1:] != grid[:-1]] = len(PALETTE)
        colors[:, 1:][grid[:, 1:] != grid[:, :-1]] = len(PALETTE)
        return colors


class ScorePanel:
    """The silhouettes known so far."""

    def __init__(self, ax: Axes, scene: Scene, scenes: Sequence[Scene]) -> None:
        self.ax, self.scene = ax, scene
        self.last = max(1, *(len(each.scores) for each in scenes))
        self.low, self.high = score_limits(scenes)
        style(ax, "step", scene.score_name)
        ax.set(xlim=(0.5, self.last + 0.5), ylim=(self.low, self.high))
        _mark(ax.xaxis, step_ticks(self.last))
        _mark(ax.yaxis, silhouette_ticks(self.low, self.high))
        for level in REFERENCES:
            ax.axhline(level, color=SOFT, lw=0.9, ls=(0, (4, 3)), zorder=1)
        if self.low < 0:
            ax.axhline(0, color=SOFT, lw=0.6, zorder=1)
        self.line = ax.plot([], [], "o-", color=INK, lw=1.3, ms=2.6, zorder=2)[0]
        self.dot = ax.plot([], [], "o", color=SCORE, ms=6, zorder=3, clip_on=False)[0]
        self.value = ax.text(
            0, 0, "", color=SCORE, fontsize=NORMAL, fontweight="bold", zorder=4,
            bbox={"boxstyle": "square,pad=0.12", "fc": PAPER, "ec": "none"},
        )  # fmt: skip
        self.moving: list[Artist] = [self.line, self.dot, self.value]

    def show(self, shot: Shot) -> None:
        """Draw the scores known in a frame, the current one in red."""
        scores = self.scene.scores[: shot.scores]
        steps = np.arange(1, len(scores) + 1)
        self.line.set_data(steps, scores)
        self.dot.set_data(steps[-1:], scores[-1:])
        self.value.set_text(self.scene.score_text(shot))
        if len(scores):
            height = scores[-1] if np.isfinite(scores[-1]) else (self.low + self.high) / 2
            above = height < self.high - 0.15 * (self.high - self.low)
            room = 0.06 * (self.high - self.low)
            self.value.set_position((steps[-1], height + (room if above else -room)))
            part = (steps[-1] - 0.5) / self.last
            if part < 0.3:
                self.value.set_horizontalalignment("left")
            else:
                self.value.set_horizontalalignment("center" if part < 0.7 else "right")
            self.value.set_verticalalignment("bottom" if above else "top")


def _shrunk(k: int) -> float:
    """Size of a center among k, as a part of the usual one; larger where it carries a number."""
    return 1.0 if k <= len(PALETTE) else max(0.75, min(1.5, 1.7 - k / 120))


def _marks(
    ax: Axes, marker: str, color: str, edge: str, size: float, width: float, order: float
) -> Line2D:
    return ax.plot(
        [], [], marker, color=color, mec=edge, ms=size, mew=width, zorder=order, ls="none"
    )[0]


def _diamonds(ax: Axes, color: str, edge: str, size: float) -> Line2D:
    return _marks(ax, "D", color, edge, size, 1.3, 3 if color == PAPER else 4)


def _limit(ax: Axes, extent: tuple[float, float, float, float], scene: Scene) -> None:
    across, up = ticks(*extent[:2], 8), ticks(*extent[2:], 7)
    style(ax, scene.axes[0] + across.suffix, scene.axes[1] + up.suffix if scene.axes[1] else "")
    ax.set(xlim=extent[:2], ylim=extent[2:])
    _mark(ax.xaxis, across)
    _mark(ax.yaxis, Ticks([], [], "") if scene.flat else up)


def _mark(axis: Any, marks: Ticks) -> None:
    axis.set_ticks(marks.positions, labels=marks.labels)
    axis.set_ticks([], minor=True)
