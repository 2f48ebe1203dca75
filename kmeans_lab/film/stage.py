"""The figure a film is drawn on: what stands still is drawn once, the rest changes by frame."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from ..pictures.canvas import LARGE, NORMAL, SMALL, blank, dress, literal, shortened
from ..pictures.palette import INK, PALETTE, PAPER, SOFT, UNASSIGNED, outline
from ..pictures.scene import Scene
from .panels import PlanePanel, ScorePanel

WIDE, COLUMN, ROW = 960, 480, 560  # pixels: one start; each of several, and their height
FOOT, LINE = 34, 16  # the legend's strip, a line of notes
ABREAST = 3  # starts in a row


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
        panels = zip(self.planes, self.scores, strict=True)
        moving = [[*plane.moving, *scores.moving] for plane, scores in panels]
        return [*chain(*moving), *self.captions, self.counter]

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
        room, lines = (880, 1) if len(self.scenes) == 1 else (COLUMN - 30, 2)
        return literal_lines(text, room, LARGE, lines)

    def _alone(self, place: "_Place", scene: Scene) -> None:
        place.text(16, 14, _title(scene), WIDE - 32, 2)
        self.captions.append(place.caption(66, 54))
        self._add(place.axes(66, 80, 594, 400), place.axes(744, 80, 198, 400), scene, 594 / 400)

    def _beside(self, place: "_Place", scene: Scene) -> None:
        place.text(16, 12, scene.name, COLUMN - 32, 1, bold=True)
        place.text(16, 32, scene.title, COLUMN - 32, 2)
        self.captions.append(place.caption(16, 71))
        self._add(place.axes(66, 116, 400, 258), place.axes(66, 428, 400, 90), scene, 400 / 258)

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
