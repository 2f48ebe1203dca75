"""The figure a film is drawn on: what stands still is drawn once, the rest changes by frame."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from ..pictures.canvas import SMALL, blank, dress
from ..pictures.palette import SOFT
from ..pictures.scene import Scene
from .banner import Banner
from .cells import Caption, Cell, Counter
from .margins import Box, Place, draw_legend, notes_of, text_at
from .panels import PlanePanel
from .series import InertiaPanel, ScorePanel, name_above
from .spacepanel import SpacePanel

WIDE, ALONE, COLUMN, ROW = 960, 540, 480, 646  # pixels: one start; each of several
LEFT = 84  # beside a picture, for ticks of six letters and a name
FOOT, LINE = 34, 16  # the legend's strip, a line of notes
ABREAST = 3  # starts in a row


class Stage:
    """A film's figure; `show(i)` puts frame i, counted from 0, on it."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.scenes = tuple(scenes)
        self.frames = max(len(scene.shots) for scene in self.scenes)
        self.planes: list[PlanePanel] = []
        self.scores: list[ScorePanel] = []
        self.inertia: list[InertiaPanel] = []
        self.banners: list[Banner] = []
        self.captions: list[Caption] = []
        self.cells: list[Cell] = []
        self.keys: dict[int, Hashable] = {}  # what the cells show
        across = min(len(self.scenes), ABREAST)
        width = WIDE if across == 1 else COLUMN * across
        notes = notes_of(self.scenes, width)
        rows = -(-len(self.scenes) // across)
        height = (ALONE if across == 1 else ROW) * rows + FOOT + LINE * len(notes)
        self.figure = blank(width / 100, (height + height % 2) / 100)  # a video's sides are even
        for j, scene in enumerate(self.scenes):
            place = Place(self.figure, COLUMN * (j % across), ROW * (j // across))
            (self._alone if across == 1 else self._beside)(place, scene)
        self._foot(notes)
        self.show(0)
        dress(self.figure)

    def show(self, i: int) -> list[Artist]:
        """Put frame i on the figure."""
        self.put(i)
        for plane in self.planes:
            plane.tint(i)
        return [artist for cell in self.cells for artist in cell.moving]

    def put(self, i: int) -> None:
        """Put frame i on all that moves but the backgrounds."""
        for number, cell in enumerate(self.cells):
            key = cell.key(i)
            if self.keys.get(number) != key:
                for panel in cell.panels:
                    panel.show(i)
                self.keys[number] = key

    def _alone(self, place: Place, scene: Scene) -> None:
        name = ": ".join(part for part in (scene.name, scene.title) if part)
        place.text(16, 12, name, WIDE - 32, 2)
        self._caption(place, scene, 50, (0, 44, WIDE, 80), WIDE - 60, False)
        self._plane(place.axes(LEFT, 86, 660 - LEFT, 394), scene, 15.0, place.box(0, 80, 672, 530))
        scores, inertia = place.axes(750, 86, 192, 182), place.axes(750, 306, 192, 174)
        boxes = place.box(672, 80, WIDE, 296), place.box(672, 296, WIDE, 530)
        self._series(scores, inertia, scene, boxes)

    def _beside(self, place: Place, scene: Scene) -> None:
        place.text(16, 12, scene.name, COLUMN - 32, 1, fontweight="bold")
        place.text(16, 32, scene.title, COLUMN - 32, 2)
        self._caption(place, scene, 73, place.box(0, 70, COLUMN, 122), COLUMN - 24, True)
        box = place.box(0, 122, COLUMN, 432)
        self._plane(place.axes(LEFT, 128, 466 - LEFT, 264), scene, 13.0, box)
        scores, inertia = (place.axes(LEFT, top, 466 - LEFT, 66) for top in (450, 540))
        boxes = place.box(0, 432, COLUMN, 521), place.box(0, 521, COLUMN, 626)
        self._series(scores, inertia, scene, boxes)
        for ax in (scores, inertia):
            name_above(ax)

    def _caption(
        self, place: Place, scene: Scene, y: float, box: Box, room: float, apart: bool
    ) -> None:
        self.captions.append(Caption(place, scene, y, room, apart))
        self._cell(self.captions[-1:], box, lambda i: scene.shot(i).caption)

    def _plane(self, ax: Axes, scene: Scene, size: float, box: Box) -> None:
        self.planes.append(plane_panel(ax, scene, ax.bbox.width / ax.bbox.height))
        self.banners.append(Banner(self.planes[-1], size, self.frames))
        last = len(scene.shots) - 1
        held = scene.space is None  # else it goes on turning
        panels = [self.planes[-1], self.banners[-1]]
        self._cell(panels, box, lambda i: min(i, last) if held else i)

    def _series(self, scores: Axes, inertia: Axes, scene: Scene, boxes: tuple[Box, Box]) -> None:
        self.scores.append(ScorePanel(scores, scene, self.scenes))
        self.inertia.append(InertiaPanel(inertia, scene, self.scenes))
        scores.set(xlabel="")
        scores.tick_params(labelbottom=False)
        for panel, box in zip((self.scores[-1], self.inertia[-1]), boxes, strict=True):
            self._cell([panel], box, lambda i: scene.shot(i).scores)

    def _foot(self, notes: Sequence[str]) -> None:
        draw_legend(self.figure, self.scenes, FOOT + LINE * len(notes) - 14)
        for line, note in enumerate(reversed(notes)):
            look = {"color": SOFT, "fontsize": SMALL, "va": "bottom"}
            text_at(self.figure, 16, 8 + LINE * line, note, **look)
        place = Place(self.figure, 0, 0)
        width, height = round(place.width), round(place.height)
        self.counter = Counter(place, self.frames)
        self._cell([self.counter], (width - 150, height - 28, width, height), lambda i: i)

    def _cell(self, panels: Sequence[Any], box: Box, key: Callable[[int], Hashable]) -> None:
        self.cells.append(Cell(list(panels), box, key))


def plane_panel(ax: Axes, scene: Scene, aspect: float) -> PlanePanel:
    """The picture of a scene: a plane, or a space for three features."""
    return (PlanePanel if scene.space is None else SpacePanel)(ax, scene, aspect)
