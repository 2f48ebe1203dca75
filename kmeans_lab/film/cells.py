"""The parts of a film's figure that change, each drawn anew only when what it shows does."""

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple, Protocol

from matplotlib.artist import Artist

from ..pictures.canvas import SMALL, literal_lines
from ..pictures.palette import SOFT
from ..pictures.scene import Scene
from .margins import Box, Place, text_at

HEADING, LONG, DETAIL = 17.0, 13.0, 11.0  # points; read where a film is shown at half its size


class Panel(Protocol):
    """Something that shows a frame by artists that move."""

    moving: list[Artist]

    def show(self, i: int) -> None:
        """Put frame i on the artists."""


class Cell(NamedTuple):
    """Panels that share a part of the figure, in which nothing else moves."""

    panels: Sequence[Panel]
    box: Box
    key: Callable[[int], Hashable]  # of a frame; frames of one key look the same

    @property
    def moving(self) -> list[Artist]:
        """What changes from frame to frame, from back to front."""
        return [artist for panel in self.panels for artist in panel.moving]


class Caption:
    """What happens in a frame: in one line, or below a heading what follows the colon."""

    def __init__(self, place: Place, scene: Scene, y: float, room: float, apart: bool) -> None:
        self.scene, self.room, self.apart = scene, room, apart
        self.heading = place.text(16, y, "", room, 1, fontsize=HEADING, fontweight="bold")
        self.detail = place.text(16, y + 28, "", room, 1, fontsize=DETAIL, fontweight="bold")
        self.moving: list[Artist] = [self.heading, self.detail]

    def show(self, i: int) -> None:
        """Tell of frame i."""
        heading, detail = self.scene.shot(i).caption, ""
        if self.apart:
            heading, _, detail = heading.partition(": ")
        long = literal_lines(heading, self.room, HEADING, 2).count("\n")
        size = LONG if long else HEADING
        self.heading.set_fontsize(size)
        self.heading.set_text(literal_lines(heading, self.room, size, 1))
        self.detail.set_text(literal_lines(detail, self.room, DETAIL, 1))


class Counter:
    """Which frame it is."""

    def __init__(self, place: Place, frames: int) -> None:
        self.frames = frames
        x, look = place.width - 16, {"color": SOFT, "fontsize": SMALL}
        self.text = text_at(place.figure, x, 8, "", ha="right", va="bottom", **look)
        self.moving: list[Artist] = [self.text]

    def show(self, i: int) -> None:
        """Count frame i, from 1."""
        self.text.set_text(f"frame {i + 1} of {self.frames}")
