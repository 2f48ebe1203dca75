"""Scenes from the frames of starts: everything that is drawn, and nothing kept twice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DataError
from ..metrics import silhouette_score
from .plane import DRAWN, MANY, Extent, Floats, extent_of, named, plane, strip
from .scene import Scene, Shot
from .space import Space, around, turn_of

if TYPE_CHECKING:
    from ..trace.trace import Trace


def from_traces(
    traces: Sequence["Trace"],
    names: Sequence[str] = (),
    matches: Sequence[ArrayLike] | None = None,
    titles: Sequence[tuple[tuple[str, ...], tuple[str, ...]]] | None = None,
) -> tuple[Scene, ...]:
    """Scenes of several starts for one clock; on the same data they share their extent.

    names: what each is, as "best". matches: for each, the number (k,) its clusters go by.
    titles: the card and the verdict of each.
    """
    turn = turn_of(max(map(len, traces)))
    scenes = []
    for j, trace in enumerate(traces):
        steps = (trace.silhouette, trace.inertia)
        scene = from_frames(trace.X, trace, trace.k, steps=steps, columns=trace.columns)
        scenes.append(
            replace(
                scene,
                name=names[j] if names else "",
                title=trace.title,
                card=titles[j][0] if titles else (),
                verdict=titles[j][1] if titles else (),
                best=trace.best,
                estimated=bool(np.isfinite(trace.silhouette_se).any()),
                unscored="undefined" if _scored(trace) else "not recorded",
                numbers=_numbers(matches[j], trace.k) if matches else scene.numbers,
                turn=turn,
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
    steps: tuple[Floats, Floats] | None = None,
    columns: Sequence[str] = (),
) -> Scene:
    """The scene of one start's frames.

    X: (n, d). frames: mappings with phase, labels (n,), centroids (k, d), description.
    steps: silhouette and inertia of each assign; computed from the labels where not given.
    Raises DataError where shapes do not fit or there is no frame.
    """
    points = _checked(X, frames, k)
    stride = -(-len(points) // DRAWN) if len(points) >= MANY else 1
    reel = _Reel(points, stride, steps is not None)
    shots = tuple(reel.shot(frame) for frame in frames)
    view = _seen(points, stride, np.array(reel.centers, dtype=np.float64), columns)
    notes = list(view.notes)
    if stride > 1:
        notes.append(f"Every {_ordinal(stride)} of the {len(points)} points is drawn.")
    if view.outside:
        notes.append("A center lies outside the picture for a while.")
    scores, inertia = steps or (np.array(reel.scores), np.array(reel.inertia))
    return Scene(
        name="",
        title="",
        card=(),
        verdict=(),
        notes=tuple(notes),
        axes=view.axes,
        flat=points.shape[1] == 1,
        points=view.points,
        labels=np.array(reel.labels, dtype=np.int32),
        centers=view.centers,
        offsets=view.offsets,
        shots=shots,
        scores=scores.astype(np.float64),
        inertia=inertia.astype(np.float64),
        best=np.nan,
        estimated=False,
        unscored="undefined",
        numbers=tuple(range(k)),
        extent=view.extent,
        space=view.space,
        turn=turn_of(len(shots)),
    )


class _Seen(NamedTuple):
    """Where points and centers lie in the picture; as in Scene."""

    points: Floats
    centers: Floats
    offsets: Floats
    axes: tuple[str, str]
    notes: tuple[str, ...]
    extent: Extent
    outside: bool
    space: Space | None = None


def _seen(X: Floats, stride: int, centers: Floats, columns: Sequence[str]) -> _Seen:
    """`X` (n, d), of which every stride-th point is drawn, and centers (C, k, d)."""
    if X.shape[1] == 3:
        box = around(X, named(X, columns))
        placed = box.placed(centers)
        outside = bool((np.abs(placed) > box.half * 1.2).any())
        note = "Three features, seen in space: near points are larger and stronger."
        flat = np.zeros(centers.shape[:2])
        places = box.placed(X[::stride])
        return _Seen(places, placed, flat, ("", ""), (note,), box.extent, outside, box)
    view = plane(X, columns)
    points, _ = view.project(X[::stride])
    places, offsets = view.project(centers)
    extent, outside = extent_of(points, places)
    if X.shape[1] == 1:
        points[:, 1], extent = strip(len(points), extent)
    return _Seen(points, places, offsets, view.axes, view.notes, extent, outside)


class _Reel:
    """Frames as they come, equal neighbors kept once."""

    def __init__(self, X: Floats, stride: int, known: bool) -> None:
        self.X, self.stride, self.known = X, stride, known
        self.labels: list[NDArray[Any]] = []
        self.centers: list[NDArray[Any]] = []
        self.scores: list[float] = []
        self.inertia: list[float] = []
        self.scored: NDArray[Any] | None = None
        self.steps = 0

    def shot(self, frame: Mapping[str, Any]) -> Shot:
        labels, centers = np.asarray(frame["labels"]), np.asarray(frame["centroids"])
        phase = str(frame["phase"])
        if phase == "assign":
            self.steps += 1
            self._measure(labels, centers)
        row = _append(self.labels, labels[:: self.stride].copy())  # a view would keep them all
        where = _append(self.centers, centers)
        return Shot(phase, str(frame["description"]), row, where, self.steps)

    def _measure(self, labels: NDArray[Any], centers: NDArray[Any]) -> None:
        if self.known:
            return
        self.inertia.append(_inertia(self.X, centers))
        if self.scored is not None and np.array_equal(self.scored, labels):
            self.scores.append(self.scores[-1])
            return
        self.scored = labels
        self.scores.append(silhouette_score(self.X, labels))


def _inertia(X: Floats, centers: NDArray[Any]) -> float:
    """Sum of the squared distances of points (n, d) to their nearest centers (k, d)."""
    nearest = np.full(len(X), np.inf)
    for center in centers:
        np.fmin(nearest, ((X - center) ** 2).sum(axis=1), out=nearest)
    return float(nearest.sum())


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


def _numbers(match: ArrayLike, k: int) -> tuple[int, ...]:
    numbers = tuple(int(number) for number in np.asarray(match).ravel())
    if sorted(numbers) != list(range(k)):
        raise DataError(f"matches: {numbers}; allowed: a permutation of 0 … {k - 1}")
    return numbers


def _ordinal(number: int) -> str:
    tail = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10)
    return f"{number}{tail or 'th'}"
