"""A film on paper: its key frames side by side, from the first centers to the final state."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ..pictures.canvas import LARGE, NORMAL, SMALL, blank, dress, literal_lines, png
from ..pictures.palette import INK, SCORE, SOFT
from ..pictures.scene import Scene
from .stage import plane_panel

WIDTH, HEIGHT = 310, 232  # pixels of a picture at 100 dpi
GAP, HEAD, FOOT = 20, 62, 56  # around it: beside, above a start, for the caption below
DPI = 150
ALONE, BESIDE = (2, 3), (1, 4)  # rows and columns for one start, for each of several


def strip(scenes: Sequence[Scene]) -> bytes:
    """A PNG of the key frames of each start."""
    rows, cols = ALONE if len(scenes) == 1 else BESIDE
    width = cols * (WIDTH + GAP) + GAP
    notes = [*dict.fromkeys(note for scene in scenes for note in scene.notes)]
    height = len(scenes) * (HEAD + rows * (HEIGHT + FOOT)) + 18 * len(notes) + 6
    figure = blank(width / 100, height / 100)
    for j, scene in enumerate(scenes):
        top = height - j * (HEAD + rows * (HEIGHT + FOOT))
        _head(figure, scene, top)
        for place, i in enumerate(key_frames(len(scene.shots), rows * cols)):
            low = top - HEAD - (place // cols) * (HEIGHT + FOOT) - HEIGHT
            _picture(figure, scene, i, GAP + (place % cols) * (WIDTH + GAP), low)
    for j, note in enumerate(reversed(notes)):
        _text(figure, GAP, 8 + 18 * j, literal_lines(note, width - 2 * GAP, SMALL, 1), SMALL, SOFT)
    return png(dress(figure), dpi=DPI)


def key_frames(frames: int, count: int) -> list[int]:
    """At most `count` frames, from 0: the first ones, some in between, always the last.

    >>> key_frames(31, 6), key_frames(4, 6)
    ([0, 1, 2, 11, 21, 30], [0, 1, 2, 3])
    """
    if frames <= count:
        return [*range(frames)]
    head = count // 2
    rest = np.linspace(head - 1, frames - 1, count - head + 1)[1:]
    return [*range(head), *np.round(rest).astype(int).tolist()]


def _head(figure: Figure, scene: Scene, top: float) -> None:
    room = figure.get_size_inches()[0] * 100 - 2 * GAP
    name = f"{scene.name}: " if scene.name else ""
    text = literal_lines(name + scene.title, room, LARGE, 2)
    _text(figure, GAP, top - 14, text, LARGE, INK, va="top", fontweight="bold")


def _picture(figure: Figure, scene: Scene, i: int, left: float, low: float) -> None:
    width, height = figure.get_size_inches() * 100
    box = (left / width, low / height, WIDTH / width, HEIGHT / height)
    panel = plane_panel(figure.add_axes(box), scene, WIDTH / HEIGHT)
    panel.ax.set(xticks=[], yticks=[], xlabel="", ylabel="")
    panel.shrink(0.75)
    panel.show(i)
    panel.tint(i)
    caption = literal_lines(f"{i + 1}. {scene.shots[i].caption}", WIDTH - 46, SMALL, 2)
    _text(figure, left, low - 8, caption, SMALL, INK, va="top", linespacing=1.25)
    score = scene.score_text(scene.shots[i])
    _text(figure, left + WIDTH, low - 8, score, NORMAL, SCORE, va="top", ha="right", weight="bold")


def _text(
    figure: Figure, x: float, y: float, text: str, size: float, color: str, **look: Any
) -> None:
    width, height = figure.get_size_inches() * 100
    figure.text(x / width, y / height, text, fontsize=size, color=color, **look)
