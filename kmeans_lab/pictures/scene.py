"""What a film shows of a start, as plain arrays in the plane of the picture; nothing is drawn here.

Two features are shown as they are, one on a line, more on the plane of the first two principal
components. A center then has an offset, its squared distance to the plane, which makes the
background the true nearest center of each point of that plane.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DataError
from ..kernels.voronoi import label_grid
from ..metrics import silhouette_score

if TYPE_CHECKING:
    from ..trace.trace import Trace

Floats = NDArray[np.float64]
Extent = tuple[float, float, float, float]  # x_min, x_max, y_min, y_max

MANY, DRAWN = 20_000, 10_000  # from MANY points on every m-th is drawn, so that DRAWN are left
PAD = 0.06  # free room around the points, of their range
GOLDEN = 0.6180339887498949  # multiples of it, modulo 1, are spread evenly
RATIO = 3.0  # of the ranges of x and y up to which both axes have one scale


class Shot(NamedTuple):
    """One frame: rows of the scene's arrays, and how many scores are known by then."""

    phase: str
    caption: str
    labels: int
    centers: int
    scores: int


@dataclass(frozen=True, eq=False)
class Scene:
    """One start in the plane; m points drawn, k centers."""

    name: str  # what it is among others, as "best"; may be empty
    title: str
    notes: tuple[str, ...]  # what a viewer has to know about the plane and the points
    axes: tuple[str, str]
    flat: bool  # one feature: the second axis means nothing
    points: Floats  # (m, 2)
    labels: NDArray[np.int32]  # (L, m), -1 while unassigned
    centers: Floats  # (C, k, 2)
    offsets: Floats  # (C, k), squared distance to the plane
    shots: tuple[Shot, ...]
    scores: Floats  # (S,), silhouette after each assign, NaN where there is none
    estimated: bool  # the scores are estimates
    unscored: str  # what a score that is NaN is called: undefined, or not recorded
    numbers: tuple[int, ...]  # (k,), the number from 0 that a cluster goes by: color and marker
    extent: Extent

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

    def clusters(self, shot: Shot) -> NDArray[np.int64]:
        """Numbers (m,) of the points' clusters in a frame, -1 while unassigned."""
        names = np.array([*self.numbers, -1])
        return np.asarray(names[self.labels[shot.labels]], dtype=np.int64)

    def ground(
        self, shot: Shot, extent: Extent, resolution: tuple[int, int]
    ) -> NDArray[np.integer] | None:
        """Number of the nearest center of each point of a grid, as `label_grid` has it.

        None where no center has a place.
        """
        centers, offsets = self.centers[shot.centers], self.offsets[shot.centers]
        placed = np.flatnonzero(np.isfinite(centers).all(axis=1) & np.isfinite(offsets))
        if not placed.size:
            return None
        grid = label_grid(centers[placed], extent, resolution, offsets[placed])
        names = np.array(self.numbers, dtype=np.min_scalar_type(self.k))
        return np.asarray(names[placed][grid])


class Plane(NamedTuple):
    """A plane in the space of the features: where its origin is and its two directions."""

    mean: Floats  # (d,)
    directions: Floats  # (d, 2)
    axes: tuple[str, str]
    notes: tuple[str, ...]

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Places (…, 2) in the plane of points (…, d), and squared distances (…,) to it."""
        centered = points - self.mean
        places = centered @ self.directions
        return places, ((centered - places @ self.directions.T) ** 2).sum(-1)


def plane(X: Floats, columns: Sequence[str] = ()) -> Plane:
    """The plane in which `X` (n, d) is drawn."""
    d = X.shape[1]
    names = [*columns] if len(columns) == d else [f"feature {j + 1}" for j in range(d)]
    if d <= 2:
        notes = () if d == 2 else ("One feature: height only keeps the points apart.",)
        return Plane(np.zeros(d), np.eye(d, 2), (names[0], names[1] if d == 2 else ""), notes)
    mean = X.mean(axis=0)
    directions, shares = _principal(X - mean)
    first, second = (f"principal component {i + 1} ({shares[i]:.0%})" for i in range(2))
    note = (
        f"Plane of the first two principal components of {d} features, "
        f"{shares.sum():.0%} of the variance; background: the nearest center of each of its points."
    )
    return Plane(mean, directions, (first, second), (note,))


def _principal(centered: Floats) -> tuple[Floats, Floats]:
    """Directions (d, 2) of most variance and their shares of it; the largest entry positive."""
    unit = np.abs(centered).max() or 1.0  # squares of huge and tiny values stay finite
    scaled = centered / unit
    values, vectors = np.linalg.eigh(scaled.T @ scaled)
    directions = vectors[:, :-3:-1]
    largest = np.abs(directions).argmax(axis=0)
    shares = np.maximum(values[:-3:-1], 0) / (np.maximum(values, 0).sum() or 1.0)
    return directions * np.where(directions[largest, [0, 1]] < 0, -1, 1), shares


def from_traces(
    traces: Sequence["Trace"],
    names: Sequence[str] = (),
    matches: Sequence[ArrayLike] | None = None,
) -> tuple[Scene, ...]:
    """Scenes of several starts for one clock; on the same data they share their extent.

    names: what each is, as "best". matches: for each, the number (k,) its clusters go by.
    """
    scenes = []
    for j, trace in enumerate(traces):
        scene = from_frames(trace.X, trace, trace.k, scores=trace.silhouette, columns=trace.columns)
        scenes.append(
            replace(
                scene,
                name=names[j] if names else "",
                title=trace.title,
                estimated=bool(np.isfinite(trace.silhouette_se).any()),
                unscored="undefined" if _scored(trace) else "not recorded",
                numbers=_numbers(matches[j], trace.k) if matches else scene.numbers,
            )
        )
    if all(np.array_equal(trace.X, traces[0].X) for trace in traces[1:]):
        corners = np.array([scene.extent for scene in scenes])
        low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        scenes = [replace(scene, extent=(low[0], high[1], low[2], high[3])) for scene in scenes]
    return tuple(scenes)


def _scored(trace: "Trace") -> bool:
    """Whether scores are missing only where there is none: one cluster, or every point alone."""
    rows = trace.labels[np.isnan(trace.silhouette)]
    return all(len(np.unique(row)) in (1, len(trace.X)) for row in rows)


def from_frames(
    X: ArrayLike,
    frames: Sequence[Mapping[str, Any]],
    k: int,
    scores: Floats | None = None,
    columns: Sequence[str] = (),
) -> Scene:
    """The scene of one start's frames; scores are computed from the labels where not given.

    X: (n, d). frames: mappings with phase, labels (n,), centroids (k, d), description.
    Raises DataError where shapes do not fit or there is no frame.
    """
    points = _checked(X, frames, k)
    stride = -(-len(points) // DRAWN) if len(points) >= MANY else 1
    view = plane(points, columns)
    places, _ = view.project(points[::stride])
    reel = _Reel(points, stride, scores)
    shots = tuple(reel.shot(frame) for frame in frames)
    centers, offsets = view.project(np.array(reel.centers, dtype=np.float64))
    extent, outside = seen(places, centers)
    if flat := points.shape[1] == 1:
        places[:, 1], extent = _strip(len(places), extent)
    notes = list(view.notes)
    if stride > 1:
        notes.append(f"Every {_ordinal(stride)} of the {len(points)} points is drawn.")
    if outside:
        notes.append("A center lies outside the picture for a while.")
    return Scene(
        name="",
        title="",
        notes=tuple(notes),
        axes=view.axes,
        flat=flat,
        points=places,
        labels=np.array(reel.labels, dtype=np.int32),
        centers=centers,
        offsets=offsets,
        shots=shots,
        scores=np.array(reel.scores if scores is None else scores, dtype=np.float64),
        estimated=False,
        unscored="undefined",
        numbers=tuple(range(k)),
        extent=extent,
    )


class _Reel:
    """Frames as they come, equal neighbors kept once."""

    def __init__(self, X: Floats, stride: int, scores: Floats | None) -> None:
        self.X, self.stride, self.known = X, stride, scores is not None
        self.labels: list[NDArray[Any]] = []
        self.centers: list[NDArray[Any]] = []
        self.scores: list[float] = []
        self.scored: NDArray[Any] | None = None

    def shot(self, frame: Mapping[str, Any]) -> Shot:
        labels, centers = np.asarray(frame["labels"]), np.asarray(frame["centroids"])
        phase = str(frame["phase"])
        if phase == "assign":
            self.scores.append(self._score(labels))
        row = _append(self.labels, labels[:: self.stride])
        where = _append(self.centers, centers)
        return Shot(phase, str(frame["description"]), row, where, len(self.scores))

    def _score(self, labels: NDArray[Any]) -> float:
        if self.known:
            return 0.0
        if self.scored is not None and np.array_equal(self.scored, labels):
            return self.scores[-1]
        self.scored = labels
        return silhouette_score(self.X, labels)


def _append(rows: list[NDArray[Any]], row: NDArray[Any]) -> int:
    if not rows or not np.array_equal(rows[-1], row):
        rows.append(row)
    return len(rows) - 1


def _checked(X: ArrayLike, frames: Sequence[Mapping[str, Any]], k: int) -> Floats:
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or not points.size or not np.isfinite(points).all():
        raise DataError(f"X: shape {points.shape}; allowed: (n, d), not empty, finite numbers")
    if not len(frames):
        raise DataError("frames: there is none; allowed: one or more")
    n, d = points.shape
    for name, wanted in (("centroids", (k, d)), ("labels", (n,))):
        found = np.shape(frames[0][name])
        if found != wanted:
            raise DataError(f"frames: {name} of shape {found}; allowed for this X and K: {wanted}")
    return points


def seen(points: Floats, centers: Floats) -> tuple[Extent, bool]:
    """What is seen of the plane: all points, and centers unless they are far out."""
    low, high = points.min(axis=0), points.max(axis=0)
    span = high - low
    span = np.where(span > 0, span, np.maximum(np.abs(low) / 100, span.max() or 1.0))
    placed = centers[np.isfinite(centers).all(axis=-1)].reshape(-1, 2)
    near = placed.clip(low - span, high + span)
    low, high = np.vstack([low, near]).min(axis=0), np.vstack([high, near]).max(axis=0)
    (x_min, y_min), (x_max, y_max) = (low - PAD * span).tolist(), (high + PAD * span).tolist()
    return (x_min, x_max, y_min, y_max), bool((near != placed).any())


def _strip(m: int, extent: Extent) -> tuple[Floats, Extent]:
    """Heights that keep m points of one feature apart, the same each time, around the centers."""
    width = extent[1] - extent[0]
    heights = ((np.arange(m) * GOLDEN) % 1 - 0.5) * width / 5
    return heights, (extent[0], extent[1], -width / 5, width / 5)


def fitted(extent: Extent, aspect: float) -> Extent:
    """`extent` widened to `aspect` (width by height), so that both axes have one scale.

    Ranges too different for that keep a scale each.
    """
    width, height = extent[1] - extent[0], extent[3] - extent[2]
    more = aspect * height / width
    if not 1 / RATIO <= more <= RATIO:
        return extent
    wide, high = max(more - 1, 0) * width / 2, max(1 / more - 1, 0) * height / 2
    return extent[0] - wide, extent[1] + wide, extent[2] - high, extent[3] + high


def score_limits(scenes: Sequence[Scene]) -> tuple[float, float]:
    """Limits of an axis of silhouettes that shows every score, 0 and the reference lines."""
    scores = np.concatenate([scene.scores for scene in scenes])
    known = scores[np.isfinite(scores)].tolist()
    low, high = min([0.0, *known]), max([0.8, *known])
    return low - 0.06 if low < 0 else 0.0, min(high + 0.06, 1.05)


def _numbers(match: ArrayLike, k: int) -> tuple[int, ...]:
    numbers = tuple(int(number) for number in np.asarray(match).ravel())
    if sorted(numbers) != list(range(k)):
        raise DataError(f"matches: {numbers}; allowed: a permutation of 0 … {k - 1}")
    return numbers


def _ordinal(number: int) -> str:
    tail = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10)
    return f"{number}{tail or 'th'}"
