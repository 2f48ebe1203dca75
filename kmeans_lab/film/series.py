"""The panels beside a picture: silhouette and inertia, step by step."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from ..pictures.canvas import NORMAL, SMALL, style
from ..pictures.palette import INK, PAPER, SCORE, SOFT
from ..pictures.scale import Ticks, decade_ticks, silhouette_ticks, step_ticks, ticks
from ..pictures.scene import Scene, inertia_limits, score_limits
from .panels import mark

REFERENCES = (0.5, 0.75)  # silhouettes with a line, guides for the eye


class SeriesPanel:
    """One value a step, known step by step; the current one in red."""

    def __init__(self, ax: Axes, name: str, last: int, low: float, high: float, up: Ticks) -> None:
        self.ax, self.last, self.low, self.high = ax, last, low, high
        style(ax, "step", name + up.suffix)
        ax.set(xlim=(0.5, last + 0.5), ylim=(low, high))
        mark(ax.xaxis, step_ticks(last))
        mark(ax.yaxis, up)
        self.line = ax.plot([], [], "o-", color=INK, lw=1.3, ms=2.6, zorder=2)[0]
        self.dot = ax.plot([], [], "o", color=SCORE, ms=6, zorder=3, clip_on=False)[0]
        self.value = ax.text(
            0, 0, "", color=SCORE, fontsize=NORMAL, fontweight="bold", zorder=4,
            bbox={"boxstyle": "square,pad=0.12", "fc": PAPER, "ec": "none"},
        )  # fmt: skip
        self.moving: list[Artist] = [self.line, self.dot, self.value]

    def put(self, values: Sequence[float], text: str) -> None:
        """Draw the values of the first steps; the last one reads as `text`."""
        steps = np.arange(1, len(values) + 1)
        self.line.set_data(steps, values)
        self.dot.set_data(steps[-1:], values[-1:])
        self.value.set_text(text)
        if len(values):
            self._place(steps[-1], float(values[-1]))

    def _place(self, step: int, value: float) -> None:
        """Put the text beside the current value, inside the panel."""
        up = self.ax.transScale.transform
        low, high = (up((1, limit))[1] for limit in (self.low, self.high))
        height = up((1, value))[1] if np.isfinite(value) else (low + high) / 2
        room = 16 / self.ax.bbox.height * (high - low)
        above = height < high - 2.2 * room
        place = self.ax.transScale.inverted().transform((1, height + (room if above else -room)))
        self.value.set_position((step, place[1]))
        part = (step - 0.5) / self.last
        self.value.set_horizontalalignment(
            "left" if part < 0.3 else "center" if part < 0.7 else "right"
        )
        self.value.set_verticalalignment("bottom" if above else "top")


class ScorePanel(SeriesPanel):
    """The silhouettes known so far."""

    def __init__(self, ax: Axes, scene: Scene, scenes: Sequence[Scene]) -> None:
        self.scene = scene
        low, high = score_limits(scenes)
        super().__init__(
            ax, scene.score_name, _last(scenes), low, high, silhouette_ticks(low, high)
        )
        for level in REFERENCES:
            ax.axhline(level, color=SOFT, lw=0.9, ls=(0, (4, 3)), zorder=1)
        if low < 0:
            ax.axhline(0, color=SOFT, lw=0.6, zorder=1)

    def show(self, i: int) -> None:
        """Draw the scores known in frame i."""
        shot = self.scene.shot(i)
        self.put(self.scene.scores[: shot.scores].tolist(), self.scene.score_text(shot))


class InertiaPanel(SeriesPanel):
    """The inertia known so far, and the lowest known of any start as a dashed line."""

    def __init__(self, ax: Axes, scene: Scene, scenes: Sequence[Scene]) -> None:
        self.scene = scene
        low, high, by_decades = inertia_limits(scenes)
        if by_decades:
            ax.set_yscale("log")
        most = 4 if ax.bbox.height < 100 else 5
        up = (decade_ticks if by_decades else ticks)(low, high, most).above(0)
        super().__init__(ax, "inertia", _last(scenes), low, high, up)
        if math.isfinite(scene.best):
            ax.axhline(scene.best, color=SOFT, lw=0.9, ls=(0, (4, 3)), zorder=1)
            ax.annotate(
                "best known", (self.last + 0.5, scene.best), (0, -2), textcoords="offset points",
                ha="right", va="top", color=SOFT, fontsize=7.5,
            )  # fmt: skip

    def show(self, i: int) -> None:
        """Draw the inertia known in frame i."""
        shot = self.scene.shot(i)
        self.put(self.scene.inertia[: shot.scores].tolist(), self.scene.inertia_text(shot))


def name_above(ax: Axes) -> None:
    """Put the name of what rises above the panel, where it is too low to have it at its side."""
    ax.set_title(ax.get_ylabel(), loc="left", fontsize=SMALL, color=INK, pad=4)
    ax.set_ylabel("")


def _last(scenes: Sequence[Scene]) -> int:
    return max(1, *(len(each.scores) for each in scenes))
