"""What a film shows of a start, as plain arrays in the picture's own units; nothing is drawn here.

Three features are shown in space, one, two and more in a plane. With more than two a center of the
plane has an offset, its squared distance to it, which makes the background the true nearest center
of each point of that plane. A space has no background.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..kernels.voronoi import label_grid
from ..wording import number
from .plane import Extent, Floats
from .space import FIRST, Space, turned

FADED = 0.25  # what is left of the oldest part of a trail
FADES = 0.85  # what is left of it from one update to the next
FAR_AWAY = 0.45  # what is left of the color of the farthest point of a space
SPANS = 20.0  # of the largest inertia to the smallest from which its axis is logarithmic
ABOVE, BELOW = 0.08, 0.22  # of the range of inertia, free beyond it: below, a line has its name


class Shot(NamedTuple):
    """One frame: rows of the scene's arrays, and how many scores are known by then."""

    phase: str
    caption: str
    labels: int
    centers: int
    scores: int


class Trails(NamedTuple):
    """The ways of the centers so far: s pieces, the oldest first."""

    ends: Floats  # (s, 2, 2), places
    strengths: Floats  # (s,), 1 for the newest, less for older ones
    clusters: NDArray[np.int64]  # (s,), the row of the center that made it


@dataclass(frozen=True, eq=False)
class Scene:
    """One start; m points drawn, k centers, of 2 coordinates or of 3 in a space."""

    name: str  # what it is among others, as "best"; may be empty
    title: str
    card: tuple[str, ...]  # what is written over the first frame: a heading and lines below it
    verdict: tuple[str, ...]  # what is written over the last one, likewise
    notes: tuple[str, ...]  # what a viewer has to know about the plane and the points
    axes: tuple[str, str]  # names; of a space empty
    flat: bool  # one feature: the second axis means nothing
    points: Floats  # (m, 2) or (m, 3)
    labels: NDArray[np.int32]  # (L, m), -1 while unassigned
    centers: Floats  # (C, k, 2) or (C, k, 3)
    offsets: Floats  # (C, k), squared distance to the plane
    shots: tuple[Shot, ...]
    scores: Floats  # (S,), silhouette after each assign, NaN where there is none
    inertia: Floats  # (S,), of each assign, squared data units
    best: float  # the lowest inertia known, NaN where none is
    estimated: bool  # the scores are estimates
    unscored: str  # what a score that is NaN is called: undefined, or not recorded
    numbers: tuple[int, ...]  # (k,), the number from 0 that a cluster goes by: color and marker
    extent: Extent
    space: Space | None = None
    turn: float = 0.0  # of the space from one frame to the next, radians

    @property
    def k(self) -> int:
        """Number of clusters."""
        return len(self.numbers)

    @property
    def radius(self) -> float:
        """Of a point, in pixels of a picture 600 wide."""
        return float(np.clip(60 / np.sqrt(len(self.points)), 1.6, 4.2))

    def shot(self, i: int) -> Shot:
        """Frame i of a clock that may run longer: the last one is held."""
        return self.shots[min(i, len(self.shots) - 1)]

    def angle(self, i: int) -> float:
        """How far the space is turned in frame i, in radians; a held shot goes on turning."""
        return FIRST + self.turn * i

    def places(self, i: int) -> Floats:
        """Where the points (m, 2) are seen in frame i."""
        return self._seen(self.points, i)

    def center_places(self, i: int) -> Floats:
        """Where the centers (k, 2) are seen in frame i."""
        return self._seen(self.centers[self.shot(i).centers], i)

    def depths(self, i: int) -> Floats:
        """How near the points (m,) of a space are in frame i, from 0 to 1."""
        if self.space is None:
            return np.ones(len(self.points))
        reach = np.linalg.norm(self.space.half)
        return np.asarray(turned(self.points, self.angle(i))[:, 2] / reach / 2 + 0.5)

    def _seen(self, points: Floats, i: int) -> Floats:
        return points if self.space is None else turned(points, self.angle(i))[..., :2]

    def moved(self, i: int) -> NDArray[np.intp]:
        """The points that change sides in frame i: an assign, but not the first."""
        i = min(i, len(self.shots) - 1)
        if self.shots[i].phase != "assign":
            return np.empty(0, np.intp)
        before = self.labels[self.shots[max(i - 1, 0)].labels]
        return np.flatnonzero((before >= 0) & (before != self.labels[self.shots[i].labels]))

    def trails(self, i: int) -> Trails:
        """The ways of the centers to where they are in frame i, without stays."""
        row = self.shot(i).centers
        seen = self._seen(self.centers[: row + 1], i)
        steps, clusters = np.nonzero((self.centers[1 : row + 1] != self.centers[:row]).any(axis=-1))
        ends = np.stack([seen[steps, clusters], seen[steps + 1, clusters]], axis=1)
        strengths = np.maximum(FADES ** (row - 1.0 - steps), FADED)
        known = np.isfinite(ends).all(axis=(1, 2))
        return Trails(ends[known], strengths[known], clusters[known])

    def lines(self, i: int) -> tuple[str, ...]:
        """What is written over frame i: the card, the verdict, or nothing."""
        if i >= len(self.shots) - 1 and self.verdict:
            return self.verdict
        return self.card if i == 0 else ()

    def held(self, i: int, frames: int) -> range:
        """The frames of a film of `frames` that show what frame i does; a space turns in them."""
        last = len(self.shots) - 1
        return range(last, frames) if i >= last and self.space is not None else range(i, i + 1)

    @property
    def score_name(self) -> str:
        """Name of the axis of silhouettes."""
        return "silhouette (estimate)" if self.estimated else "silhouette"

    def score_text(self, shot: Shot) -> str:
        """The current silhouette in words; empty before the first."""
        if not shot.scores:
            return ""
        score = self.scores[shot.scores - 1]
        return f"{score:.2f}".replace("-", "−") if np.isfinite(score) else self.unscored

    def inertia_text(self, shot: Shot) -> str:
        """The current inertia in words; empty before the first."""
        return number(self.inertia[shot.scores - 1]) if shot.scores else ""

    def clusters(self, shot: Shot) -> NDArray[np.int64]:
        """Numbers (m,) of the points' clusters in a frame, -1 while unassigned."""
        names = np.array([*self.numbers, -1])
        return np.asarray(names[self.labels[shot.labels]], dtype=np.int64)

    def ground(
        self, shot: Shot, extent: Extent, resolution: tuple[int, int]
    ) -> NDArray[np.integer] | None:
        """Number of the nearest center of each point of a grid, as `label_grid` has it.

        None in a space, and where no center has a place.
        """
        if self.space is not None:
            return None
        centers, offsets = self.centers[shot.centers], self.offsets[shot.centers]
        placed = np.flatnonzero(np.isfinite(centers).all(axis=1) & np.isfinite(offsets))
        if not placed.size:
            return None
        grid = label_grid(centers[placed], extent, resolution, offsets[placed])
        names = np.array(self.numbers, dtype=np.min_scalar_type(self.k))
        return np.asarray(names[placed][grid])


def score_limits(scenes: Sequence[Scene]) -> tuple[float, float]:
    """Limits of an axis of silhouettes that shows every score, 0 and the reference lines."""
    scores = np.concatenate([scene.scores for scene in scenes])
    known = scores[np.isfinite(scores)].tolist()
    low, high = min([0.0, *known]), max([0.8, *known])
    return low - 0.06 if low < 0 else 0.0, min(high + 0.06, 1.05)


def inertia_limits(scenes: Sequence[Scene]) -> tuple[float, float, bool]:
    """Limits of an axis of inertia that shows every one, and whether it is logarithmic."""
    values = np.concatenate([[*scene.inertia, scene.best] for scene in scenes])
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if low > 0 and high > SPANS * low:
        return low / (high / low) ** BELOW, high * (high / low) ** ABOVE, True
    span = high - low or 0.5 * abs(high) or 1.0
    return low - BELOW * span, high + ABOVE * span, False
