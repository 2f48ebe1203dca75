"""The figure a film is drawn on: what stands still is drawn once, the rest changes by frame."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from .canvas import LARGE, NORMAL, SMALL, blank, dress, literal, shortened, style
from .palette import (
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
from .scale import Ticks, silhouette_ticks, step_ticks, ticks
from .scene import Scene, Shot, fitted, score_limits

LOOKS = len(PALETTE) * len(MARKERS)  # clusters until color and marker repeat
REFERENCES = (0.5, 0.75)  # silhouettes that count as reasonable and as strong
CELLS = (300, 300)  # of the background, where it is not drawn pixel by pixel
DIAMOND = 9.0  # points, the size of a center

WIDE, COLUMN, ROW = 960, 480, 560  # pixels: one start; each of several, and their height
FOOT, LINE = 34, 16  # the legend's strip, a line of notes
ABREAST = 3  # starts in a row


class PlanePanel:
    """Points, centers and background of one start."""

    def __init__(self, ax: Axes, scene: Scene, aspect: float) -> None:
        self.ax, self.scene = ax, scene
        self.extent = fitted(scene.extent, aspect)
        _limit(ax, self.extent, scene)
        self.ground = self._ground()
        self.dots = [self._dots(look) for look in range(-1, min(scene.k, LOOKS))]
        self.halo = _diamonds(ax, PAPER, PAPER, DIAMOND * _shrunk(scene.k) + 2.2)
        self.diamonds = [
            _diamonds(ax, color, "#000000", DIAMOND * _shrunk(scene.k)) for color in PALETTE
        ]
        self.digits = [self._digit(number) for number in scene.numbers if scene.k > len(PALETTE)]
        self.moving: list[Artist] = [*self.dots, self.halo, *self.diamonds, *self.digits]

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

    def _digit(self, number: int) -> Text:
        ink = ink_on(PALETTE[number % len(PALETTE)])
        size = 5.6 * _shrunk(self.scene.k)
        return self.ax.text(
            0, 0, str(number + 1), color=ink, fontsize=size, ha="center", va="center_baseline",
            fontweight="bold", zorder=5, clip_on=True,
        )  # fmt: skip

    def show(self, shot: Shot) -> None:
        """Draw a frame's points and centers."""
        clusters, points = self.scene.clusters(shot), self.scene.points
        looks = np.where(clusters < 0, -1, clusters % LOOKS)
        for look, dots in enumerate(self.dots, start=-1):
            dots.set_data(*points[looks == look].T)
        centers = self.scene.centers[shot.centers]
        colors = np.array(self.scene.numbers) % len(PALETTE)
        self.halo.set_data(*centers.T)
        for color, diamonds in enumerate(self.diamonds):
            diamonds.set_data(*centers[colors == color].T)
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
            self.value.set_ha("left" if part < 0.3 else "center" if part < 0.7 else "right")
            self.value.set_va("bottom" if above else "top")


class Stage:
    """A film's figure; `show(i)` puts frame i, counted from 0, on it."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.scenes = tuple(scenes)
        self.frames = max(len(scene.shots) for scene in self.scenes)
        self.planes: list[PlanePanel] = []
        self.scores: list[ScorePanel] = []
        self.captions: list[Text] = []
        across = min(len(self.scenes), ABREAST)
        width = WIDE if across == 1 else COLUMN * across
        notes = _notes(self.scenes, width)
        rows = -(-len(self.scenes) // across)
        height = (ROW - 20 * (across == 1)) * rows + FOOT + LINE * len(notes)
        self.figure = blank(width / 100, height / 100)
        for j, scene in enumerate(self.scenes):
            place = _Place(self.figure, COLUMN * (j % across), ROW * (j // across))
            (self._alone if across == 1 else self._beside)(place, scene)
        _legend(self.figure, self.scenes, FOOT + LINE * len(notes) - 14)
        for line, note in enumerate(reversed(notes)):
            _text(self.figure, 16, 8 + LINE * line, note, color=SOFT, fontsize=SMALL, va="bottom")
        self.counter = _text(
            self.figure, width - 16, 8, "", color=SOFT, fontsize=SMALL, ha="right", va="bottom"
        )
        self.show(0)
        dress(self.figure)

    @property
    def moving(self) -> list[Artist]:
        """What changes from frame to frame, but for the backgrounds, from back to front."""
        panels = [*self.planes, *self.scores]
        return [*(artist for p in panels for artist in p.moving), *self.captions, self.counter]

    def show(self, i: int, tint: bool = True) -> list[Artist]:
        """Put frame i on the figure; without `tint` the backgrounds stay as they are."""
        for j, scene in enumerate(self.scenes):
            shot = scene.shot(i)
            self.planes[j].show(shot)
            self.scores[j].show(shot)
            self.captions[j].set_text(self._caption(shot.caption))
            if tint:
                self.planes[j].tint(shot)
        self.counter.set_text(f"frame {i + 1} of {self.frames}")
        return self.moving

    def _caption(self, text: str) -> str:
        room, lines = (690, 1) if len(self.scenes) == 1 else (COLUMN - 30, 2)
        return literal_lines(text, room, LARGE, lines)

    def _alone(self, place: "_Place", scene: Scene) -> None:
        place.text(16, 14, _title(scene), WIDE - 32, 2)
        self.captions.append(place.caption(66, 54))
        self._add(place.axes(66, 80, 620, 400), place.axes(770, 80, 172, 400), scene, 620 / 400)

    def _beside(self, place: "_Place", scene: Scene) -> None:
        place.text(16, 12, scene.name, COLUMN - 32, 1, bold=True)
        place.text(16, 32, scene.title, COLUMN - 32, 2)
        self.captions.append(place.caption(16, 70))
        self._add(place.axes(66, 112, 400, 260), place.axes(66, 426, 400, 90), scene, 400 / 260)

    def _add(self, plane: Axes, scores: Axes, scene: Scene, aspect: float) -> None:
        self.planes.append(PlanePanel(plane, scene, aspect))
        self.scores.append(ScorePanel(scores, scene, self.scenes))


class _Place:
    """A part of a figure, measured in pixels from its upper left corner."""

    def __init__(self, figure: Figure, x: float, y: float) -> None:
        self.figure, self.x, self.y = figure, x, y
        self.width, self.height = (float(side) for side in figure.get_size_inches() * 100)

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        low = self.height - self.y - y - height
        box = (self.x + x) / self.width, low / self.height, width / self.width, height / self.height
        return self.figure.add_axes(box)

    def text(self, x: float, y: float, text: str, room: float, lines: int, **look: Any) -> Text:
        weight = "bold" if look.pop("bold", False) else "normal"
        shown = literal_lines(text, room, NORMAL, lines)
        low = self.height - self.y - y
        return _text(
            self.figure, self.x + x, low, shown, color=INK, fontsize=NORMAL, fontweight=weight,
            va="top", linespacing=1.25,
        )  # fmt: skip

    def caption(self, x: float, y: float) -> Text:
        caption = self.text(x, y, "", 1, 1)
        caption.set(fontsize=LARGE, fontweight="bold")
        return caption


def literal_lines(text: str, room: float, size: float, lines: int) -> str:
    """`text` in lines of `room` pixels, shown as it is."""
    clean = literal(text)  # line breaks become spaces before new ones are set
    return shortened(clean, room, size, lines)


def _title(scene: Scene) -> str:
    return ": ".join(part for part in (scene.name, scene.title) if part)


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


def _text(figure: Figure, x: float, y: float, text: str, **look: Any) -> Text:
    width, height = (float(side) for side in figure.get_size_inches() * 100)
    return figure.text(x / width, y / height, text, **look)


def _notes(scenes: Sequence[Scene], width: float) -> list[str]:
    every = dict.fromkeys(note for scene in scenes for note in scene.notes)
    lines = [literal_lines(note, width - 150, SMALL, 3).split("\n") for note in every]
    return [line for group in lines for line in group]


def _legend(figure: Figure, scenes: Sequence[Scene], y: float) -> None:
    k = max(scene.k for scene in scenes)
    entries = [("o", UNASSIGNED, outline(UNASSIGNED), "no cluster yet")]
    if k <= len(PALETTE):
        entries += [("o", PALETTE[c], outline(PALETTE[c]), f"cluster {c + 1}") for c in range(k)]
    centers = "center" if k <= len(PALETTE) else f"center: the number of one of {k} clusters"
    entries.append(("D", PAPER, "#000000", centers))
    handles = [
        Line2D([], [], marker=shape, color=face, mec=edge, mew=0.9, ms=6, ls="none", label=label)
        for shape, face, edge, label in entries
    ]
    width, height = (float(side) for side in figure.get_size_inches() * 100)
    figure.legend(
        handles=handles,
        loc="center left",
        bbox_to_anchor=(10 / width, y / height),
        ncols=len(handles),
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        handletextpad=0.1,
        columnspacing=1.1,
        borderpad=0,
        borderaxespad=0,
    )
